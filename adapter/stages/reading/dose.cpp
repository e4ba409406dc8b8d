#include "adapter/stages/reading/dose.h"

#include <algorithm>
#include <array>
#include <vector>

#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/whole_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

struct Word {
    std::string_view code;
    StaticText words;
};

template <std::size_t N>
std::string_view word_of(const std::array<Word, N>& table, std::string_view code) {
    for (const Word& row : table)
        if (row.code == code) return row.words.view();
    return code;
}

// https://hl7.org/fhir/R4/valueset-units-of-time.html
constexpr std::array<Word, 7> units = {{{"s", "second"},
                                        {"min", "minute"},
                                        {"h", "hour"},
                                        {"d", "day"},
                                        {"wk", "week"},
                                        {"mo", "month"},
                                        {"a", "year"}}};
// https://hl7.org/fhir/R4/valueset-days-of-week.html
constexpr std::array<Word, 7> days = {{{"mon", "Monday"},
                                       {"tue", "Tuesday"},
                                       {"wed", "Wednesday"},
                                       {"thu", "Thursday"},
                                       {"fri", "Friday"},
                                       {"sat", "Saturday"},
                                       {"sun", "Sunday"}}};
// https://hl7.org/fhir/R4/valueset-event-timing.html
constexpr std::array<Word, 26> events = {{{"MORN", "in the morning"},
                                          {"MORN.early", "in the early morning"},
                                          {"MORN.late", "in the late morning"},
                                          {"NOON", "at noon"},
                                          {"AFT", "in the afternoon"},
                                          {"AFT.early", "in the early afternoon"},
                                          {"AFT.late", "in the late afternoon"},
                                          {"EVE", "in the evening"},
                                          {"EVE.early", "in the early evening"},
                                          {"EVE.late", "in the late evening"},
                                          {"NIGHT", "at night"},
                                          {"PHS", "after sleep"},
                                          {"HS", "before sleep"},
                                          {"WAKE", "upon waking"},
                                          {"C", "with meals"},
                                          {"CM", "with breakfast"},
                                          {"CD", "with lunch"},
                                          {"CV", "with dinner"},
                                          {"AC", "before meals"},
                                          {"ACM", "before breakfast"},
                                          {"ACD", "before lunch"},
                                          {"ACV", "before dinner"},
                                          {"PC", "after meals"},
                                          {"PCM", "after breakfast"},
                                          {"PCD", "after lunch"},
                                          {"PCV", "after dinner"}}};
// https://hl7.org/fhir/R4/valueset-timing-abbreviation.html
constexpr std::array<Word, 13> abbreviations = {{{"BID", "twice a day"},
                                                 {"TID", "3 times a day"},
                                                 {"QID", "4 times a day"},
                                                 {"AM", "every morning"},
                                                 {"PM", "every afternoon"},
                                                 {"QD", "every day"},
                                                 {"QOD", "every other day"},
                                                 {"BED", "at bedtime"},
                                                 {"WK", "weekly"},
                                                 {"MO", "monthly"},
                                                 {"Q4H", "every 4 hours"},
                                                 {"Q6H", "every 6 hours"},
                                                 {"Q8H", "every 8 hours"}}};

// "4", "4 to 6".
std::string span_of(JsonView repeat, std::string_view from, std::string_view to) {
    std::string out(repeat[from].number());
    join(out, " to ", repeat[to].number());
    return out;
}

// "hour", "4 hours", "4 to 6 hours".
std::string time_of(const std::string& count, std::string_view unit) {
    const std::string_view word = word_of(units, unit);
    if (count == "1") return std::string(word);
    return count + ' ' + std::string(word) + (word == unit ? "" : "s");
}

std::string frequency_text(JsonView repeat) {
    const std::string times = span_of(repeat, "frequency", "frequencyMax");
    const std::string period = span_of(repeat, "period", "periodMax");
    if (period.empty()) return times.empty() ? times : times + " times";
    const std::string time = time_of(period, repeat["periodUnit"].string());
    if (times.empty() || (times == "1" && (period != "1" || time == "hour")))
        return "every " + time;
    const std::string how_often = times == "1" ? "once" : times == "2" ? "twice" : times + " times";
    return how_often + (period == "1" ? " a " : " every ") + time;
}

std::string moments_text(JsonView repeat) {
    std::string out, of_week, at;
    for (const JsonView& day : repeat["dayOfWeek"].items())
        join(of_week, ", ", word_of(days, day.string()));
    if (!of_week.empty()) out = "on " + of_week;
    for (const JsonView& time : repeat["timeOfDay"].items())
        join(at, ", ", time.string().substr(0, 5));
    if (!at.empty()) join(out, ", ", "at " + at);
    const std::string_view offset = repeat["offset"].number();
    for (const JsonView& event : repeat["when"].items()) {
        std::string moment(offset);
        if (!moment.empty()) moment += " minutes ";
        join(out, ", ", moment.append(word_of(events, event.string())));
    }
    return out;
}

// "2 weeks" of a Duration.
std::string duration_text(JsonView duration) {
    const std::string_view code = duration["code"].string();
    if (word_of(units, code) == code) return quantity_text(duration);
    const std::string count(duration["value"].number());
    return (count == "1" ? "1 " : "") + time_of(count, code);
}

std::string bounds_text(JsonView repeat) {
    std::string out = span_of(repeat, "duration", "durationMax");
    if (!out.empty()) out = "over " + time_of(out, repeat["durationUnit"].string());
    const Choice bounds = choice_of(repeat, "bounds");
    if (const std::string said =
            bounds.type == "Duration" ? duration_text(bounds.value) : choice_text(bounds);
        !said.empty())
        join(out, ", ", (bounds.type == "Period" ? "" : "for ") + said);
    if (const std::string count = span_of(repeat, "count", "countMax"); !count.empty())
        join(out, ", ", count + (count == "1" ? " time in all" : " times in all"));
    return out;
}

// What is said of the amount alone, without when.
std::string amount_text(JsonView dosage) {
    const JsonView amount = first_of(dosage["doseAndRate"]);
    const Choice dose = choice_of(amount, "dose"), rate = choice_of(amount, "rate");
    std::string out = choice_text(dose);
    if (out.empty()) out = quantity_text(dosage["dose"]);  // of an administration
    const bool has_unit = out.find_first_not_of("0123456789. –<>=") != std::string::npos;
    if (!out.empty() && !has_unit) out.insert(0, "dose ");
    join(out, " at ", choice_text(rate.type.empty() ? choice_of(dosage, "rate") : rate));
    return out;
}

std::string ratio_text(JsonView ratio) {
    std::string out = quantity_text(ratio["numerator"]);
    if (out.empty()) return out;
    const JsonView time = ratio["denominator"];
    const std::string_view code = time["code"].string();
    const std::string_view unit = code.empty() ? time["unit"].string() : code;
    const std::string per = time_of(std::string(time["value"].number()), unit);
    join(out, time["value"].number() == "1" ? " a " : " in ", per);
    return out;
}

std::string needed_text(JsonView dosage) {
    const Choice needed = choice_of(dosage, "asNeeded");
    if (needed.value.is_true()) return "as needed";
    const std::string why = concept_text(needed.value);
    return why.empty() ? why : "as needed for " + why;
}

std::string structured_text(JsonView dosage) {
    std::string out = amount_text(dosage);
    join(out, " ", concept_text(dosage["route"]));
    join(out, " ", timing_text(dosage["timing"]));
    join(out, ", ", needed_text(dosage));
    join(out, ", at most ", ratio_text(dosage["maxDosePerPeriod"]));
    if (const std::string most = quantity_text(dosage["maxDosePerAdministration"]); !most.empty())
        join(out, ", ", "at most " + most + " at a time");
    if (const std::string most = quantity_text(dosage["maxDosePerLifetime"]); !most.empty())
        join(out, ", ", "at most " + most + " in a lifetime");
    join(out, ", ", concept_text(dosage["site"]));
    join(out, ", ", concept_text(dosage["method"]));
    return out;
}

// Whether the source's own text has a word or number of the structured one as a whole.
bool has_whole(const std::string& text, std::string_view word) {
    const auto is_part = [](char one) {
        return std::isalnum(static_cast<unsigned char>(one)) != 0 || one == '.';
    };
    for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool is_decimal = end + 1 < text.size() && text[end] == '.' && is_part(text[end + 1]);
        if ((at == 0 || !is_part(text[at - 1])) &&
            (end >= text.size() || (!is_part(text[end]) || (text[end] == '.' && !is_decimal))))
            return true;
    }
    return false;
}

// The ways in which people write how often; the first of them is ours.
constexpr std::array<std::array<std::string_view, 7>, 8> same_words = {
    {{"once a day", "once daily", "daily", "every day", "per day", "qd", "od"},
     {"twice a day", "twice daily", "two times a day", "bid", "2x", "every 12 hours", "b.i.d"},
     {"3 times a day", "three times daily", "three times a day", "3 times daily", "tid",
      "every 8 hours", "3x"},
     {"4 times a day", "four times daily", "four times a day", "4 times daily", "qid",
      "every 6 hours", "4x"},
     {"once a week", "once weekly", "weekly", "every week", "per week", "1 time a week", "qw"},
     {"every 4 hours", "every 4 h", "q4h", "4-hourly", "every four hours", "every 4 hrs", "q4"},
     {"every 6 hours", "every 6 h", "q6h", "6-hourly", "every six hours", "every 6 hrs", "q6"},
     {"every 8 hours", "every 8 h", "q8h", "8-hourly", "every eight hours", "every 8 hrs", "q8"}}};

bool says_how_often(const std::string& text, const std::string& ours) {
    if (ours.empty() || has_whole(text, ours)) return true;
    for (const auto& row : same_words)
        if (row.front() == ours)
            return std::any_of(row.begin(), row.end(),
                               [&](std::string_view other) { return has_whole(text, other); });
    return false;
}

// A text that says all of what is structured makes the structured part needless.
bool says_the_same(const std::string& written, JsonView dosage) {
    const std::string text = lower(written);
    const JsonView amount = first_of(dosage["doseAndRate"]);
    for (const JsonView quantity : {choice_of(amount, "dose").value,
                                    choice_of(amount, "rate").value, JsonView(dosage["dose"])})
        if (const std::string_view value = quantity["value"].number();
            !value.empty() && !has_whole(text, value))
            return false;
    if (choice_of(amount, "dose").type == "Range") return false;
    if (dosage.has("maxDosePerPeriod")) return false;
    return says_how_often(text, frequency_text(dosage["timing"]["repeat"])) &&
           moments_text(dosage["timing"]["repeat"]).empty();
}

std::string one_dosage(JsonView dosage) {
    std::string out(dosage["text"].string());
    const std::string structured = structured_text(dosage);
    if (out.empty())
        out = structured;
    else if (!structured.empty() && !says_the_same(out, dosage))
        out.append(" (structured: ").append(structured).append(")");
    for (const JsonView& more : dosage["additionalInstruction"].items())
        join(out, ", ", concept_text(more));
    if (const std::string_view more = dosage["patientInstruction"].string();
        out.find(more) == std::string::npos)
        join(out, ", ", more);
    return out;
}

}  // namespace

std::string timing_text(JsonView timing) {
    const JsonView repeat = timing["repeat"];
    std::string out = frequency_text(repeat);
    if (out.empty()) {
        out = timing["code"]["text"].string();
        if (out.empty())
            for (const JsonView& coding : timing["code"]["coding"].items())
                if (out.empty()) out = word_of(abbreviations, coding["code"].string());
    }
    std::string events_said;
    for (const JsonView& event : timing["event"].items())
        join(events_said, ", ", date_text(event.string(), ClockTime::Show));
    join(out, ", ", events_said);
    join(out, ", ", moments_text(repeat));
    join(out, ", ", bounds_text(repeat));
    return out;
}

std::string dosage_text(JsonView dosages) {
    if (!dosages.is_array()) return one_dosage(dosages);
    std::vector<JsonView> steps(dosages.items().begin(), dosages.items().end());
    std::stable_sort(steps.begin(), steps.end(), [](JsonView left, JsonView right) {
        return left["sequence"].integer().value_or(0) < right["sequence"].integer().value_or(0);
    });
    std::string out;
    std::string_view before;
    for (const JsonView step : steps) {
        const std::string_view sequence = step["sequence"].number();
        join(out, !before.empty() && sequence != before ? "; then " : "; ", one_dosage(step));
        before = sequence;
    }
    return out;
}

}  // namespace consultd
