#include "adapter/stages/reading/when.h"

#include <algorithm>

#include "adapter/html/date_text.h"
#include "adapter/stages/reading/display.h"
#include "fhir/datetime.h"
#include "fhir/r4/facts.h"

namespace consultd {
namespace {

using fhir::Datetime;
using fhir::JsonView;
using fhir::r4::About;

void say(When& when, std::string_view words) {
    if (!words.empty() && when.said.empty()) when.said = words;
}

void take_date(When& when, std::string_view text) {
    if (text.empty() || !when.date.empty()) return;
    when.date = readable_date(text);
    if (when.date.empty()) say(when, std::string(text) + " (as written, not a date)");
}

void take_end(When& when, std::string_view text) {
    const std::string_view end = readable_date(text);
    if (end.empty()) return say(when, text);
    if (is_placeholder(end))
        return say(when, "until " + std::string(text) + " as written, a placeholder for no date");
    when.until = end;
    // An end alone is all that is known of when it was.
    when.is_end = when.date.empty();
    if (when.is_end) when.date = end;
}

// What one value of a time element says; a Timing by its first event, else by its bounds.
void take(When& when, const fhir::r4::FoundValue& found) {
    const JsonView value = found.value;
    if (found.type == "string") return say(when, value.string());
    if (value.is_string()) return take_date(when, value.string());
    if (found.type == "Age" || found.type == "Range") {
        const std::string text = choice_text({found.type, value});
        return say(when, text.empty() ? text : "age " + text);
    }
    JsonView period = value;
    if (found.type == "Timing") {
        take_date(when, first_of(value["event"]).string());
        period = value["repeat"]["boundsPeriod"];
    }
    take_date(when, period["start"].string());
    take_end(when, period["end"].string());
}

// What else than the thing itself an element dates.
StaticText about_words(std::string_view element) {
    if (element == "issued") return "issued";
    if (element == "lastOccurrence") return "last occurrence";
    return "recorded";
}

When::Doubt doubt_of(std::string_view date, Instant as_of) {
    if (is_placeholder(date)) return When::Doubt::Placeholder;
    const auto parsed = Datetime::parse(date);
    return parsed && parsed->earliest() > as_of ? When::Doubt::Future : When::Doubt::None;
}

}  // namespace

std::optional<Instant> When::order() const {
    const auto parsed = Datetime::parse(date);
    if (!parsed || doubt != Doubt::None) return std::nullopt;
    return parsed->earliest();
}

bool When::is_span() const {
    return !is_end && !until.empty() && date_text(until) != date_text(date);
}

When when_of(const fhir::Resource& resource, Instant as_of) {
    When when;
    const fhir::r4::Facts* facts = fhir::r4::find_facts(resource.type());
    if (!facts) return when;
    // In the order of what a reader means by "when". Where a beginning can be said, what is done is
    // its end, and no end stands for when something was.
    const bool begins = !facts->of(About::Init).empty();
    const bool is_event = begins || !facts->of(About::Done).empty();
    for (const About about :
         {begins ? About::Init : About::Done, About::Planned, About::Recorded, About::Dated})
        for (const fhir::r4::Fact& fact : facts->of(about)) {
            if (!when.date.empty()) break;
            for (const auto& found : fhir::r4::values_of(resource.json(), fact.element.view()))
                take(when, found);
            if (!when.date.empty() && is_event && about >= About::Recorded)
                when.about = about_words(fact.element.view());
        }
    // The day on which it was written, whatever became of it.
    // https://hl7.org/fhir/R4/medicationrequest-definitions.html#MedicationRequest.authoredOn
    if (resource.type() == "MedicationRequest" && !when.date.empty()) when.about = "ordered";
    when.doubt = doubt_of(when.date, as_of);
    return when;
}

std::string when_text(const When& when) {
    std::string out = when.said;
    if (when.date.empty()) return out;
    if (!out.empty()) out += ", ";
    if (!when.about.view().empty()) out.append(when.about.view()) += ' ';
    if (when.is_end) out += "until ";
    out += date_text(when.date);
    if (when.is_span()) out.append(" to ").append(date_text(when.until));
    if (when.doubt != When::Doubt::None)
        out.append(" (").append(doubt_words(when.doubt).view()) += ')';
    return out;
}

StaticText doubt_words(When::Doubt doubt) {
    switch (doubt) {
        case When::Doubt::None:
            return "";
        case When::Doubt::Placeholder:
            return "a placeholder, date unknown";
        case When::Doubt::Future:
            return "in the future of this packet";
    }
    return "";
}

std::string_view readable_date(std::string_view text) {
    if (Datetime::parse(text)) return text;
    const std::string_view day = text.substr(0, text.find('T'));
    return day.size() < text.size() && Datetime::parse(day) ? day : std::string_view();
}

bool is_placeholder(std::string_view date) {
    constexpr std::string_view starts[] = {"0001", "9999", "1900-01-01", "1753-01-01", "1899-12-3"};
    return std::any_of(std::begin(starts), std::end(starts),
                       [&](std::string_view start) { return date.starts_with(start); });
}

}  // namespace consultd
