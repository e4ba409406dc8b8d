#include "adapter/stages/reading/bounds.h"

#include <algorithm>
#include <charconv>

#include "adapter/html/date_text.h"
#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/timing.h"
#include "adapter/stages/reading/when.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Datetime;
using fhir::JsonView;
using std::chrono::seconds;

std::optional<Datetime> day_of(std::string_view text) {
    const std::string_view date = readable_date(text);
    return is_placeholder(date) ? std::nullopt : Datetime::parse(date);
}

// A number of the record as a whole one, up; 0: none, or more than any course takes.
std::int64_t at_most(std::string_view number) {
    constexpr std::int64_t most = 100'000;
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), out);
    if (error != std::errc() || out < 0 || out > most) return 0;
    return end == number.data() + number.size() ? out : out + 1;
}

// At the longest: a month of 31 days, a year of 366.
seconds length_of(std::string_view number, std::string_view unit) {
    constexpr std::pair<std::string_view, int> units[] = {
        {"s", 1},       {"min", 60},     {"h", 3600},       {"d", 86400},
        {"wk", 604800}, {"mo", 2678400}, {"a", 366 * 86400}};
    for (const auto& [code, one] : units)
        if (code == unit) return seconds(at_most(number) * one);
    return seconds(0);
}

// How long an instruction is for; 0: it does not say. What is taken when it is needed lasts as long
// as it is not.
seconds length_of(JsonView dosage) {
    const JsonView repeat = dosage["timing"]["repeat"];
    const Choice bounds = choice_of(repeat, "bounds");
    const JsonView length = bounds.type == "Range" ? bounds.value["high"] : bounds.value;
    if (bounds.type == "Duration" || bounds.type == "Range")
        if (!length["comparator"].string().starts_with('>'))
            return length_of(length["value"].number(), time_unit(length));
    const Choice needed = choice_of(dosage, "asNeeded");
    if (!needed.value.is_null() && (!needed.value.is_bool() || needed.value.is_true()))
        return seconds(0);
    const auto most = [&](std::string_view name, std::string_view longest) {
        const std::string_view said = repeat[longest].number();
        return said.empty() ? repeat[name].number() : said;
    };
    const std::int64_t count = at_most(most("count", "countMax"));
    const seconds period = length_of(most("period", "periodMax"), repeat["periodUnit"].string());
    const std::int64_t often = std::max<std::int64_t>(1, at_most(repeat["frequency"].number()));
    return (period * count + seconds(often - 1)) / often;
}

// What the instructions say together; a part that one of them does not say is not said.
struct Bounds {
    std::optional<Datetime> first, last;  // of all of them
    bool all_begin = true, all_end = true, all_bounded = true;
    bool is_by_dates = false;  // the last is a date on which it is to be given
    seconds length{0};

    void add(JsonView dosage) {
        const JsonView timing = dosage["timing"], repeat = timing["repeat"];
        std::optional<Datetime> begin = day_of(repeat["boundsPeriod"]["start"].string());
        std::optional<Datetime> end = day_of(repeat["boundsPeriod"]["end"].string());
        const bool has_period_end = end.has_value();
        for (const JsonView& event : timing["event"].items()) {
            const auto day = day_of(event.string());
            if (!day) continue;
            if (!begin || day->earliest() < begin->earliest()) begin = day;
            if (!has_period_end && (!end || day->latest() > end->latest())) end = day;
        }
        const bool goes_on = !has_period_end && !repeat.is_null();
        if (goes_on) end.reset();
        const seconds time = length_of(dosage);
        length += time;
        all_begin &= begin.has_value();
        all_end &= end.has_value();
        all_bounded &= end.has_value() || time > seconds(0);
        if (begin && (!first || begin->earliest() < first->earliest())) first = begin;
        if (!end || (last && end->latest() <= last->latest())) return;
        last = end;
        is_by_dates = !has_period_end;
    }
};

std::optional<StandingWord> end_word(const fhir::Resource& medicine, const Bounds& bounds,
                                     Instant as_of) {
    if (bounds.last && bounds.last->latest() > as_of) return std::nullopt;
    if (bounds.all_end && bounds.last)
        return StandingWord{Standing::Over, (bounds.is_by_dates ? "ended, last due " : "ended ") +
                                                date_text(bounds.last->text())};
    const auto ordered = day_of(medicine["authoredOn"].string());
    const auto from = bounds.all_begin ? bounds.first : ordered;
    if (!bounds.all_bounded || !from) return std::nullopt;
    const std::int64_t times =
        1 + at_most(medicine["dispenseRequest"]["numberOfRepeatsAllowed"].number());
    if (from->latest() + bounds.length * times > as_of) return std::nullopt;
    std::string words = "for a time that is past";
    // The day of the order stands beside it anyway.
    if (bounds.all_begin) words += ", begun " + date_text(from->text());
    return StandingWord{Standing::Over, std::move(words)};
}

}  // namespace

std::optional<StandingWord> bounds_word(const fhir::Resource& medicine, Instant as_of) {
    const JsonView ordered = medicine["dosageInstruction"];
    Bounds bounds;
    const auto dosages = (ordered.is_null() ? JsonView(medicine["dosage"]) : ordered).items();
    for (const JsonView& dosage : dosages) bounds.add(dosage);
    if (!dosages.empty())
        if (const auto word = end_word(medicine, bounds, as_of)) return word;
    const auto is_ahead = [&](const std::optional<Datetime>& day) {
        return day && day->earliest() > as_of;
    };
    if (bounds.all_begin && is_ahead(bounds.first))
        return StandingWord{Standing::Planned, "starts " + date_text(bounds.first->text())};
    const auto valid = day_of(medicine["dispenseRequest"]["validityPeriod"]["start"].string());
    if (is_ahead(valid))
        return StandingWord{Standing::Planned, "planned, valid from " + date_text(valid->text())};
    if (is_ahead(day_of(medicine["authoredOn"].string())))
        return StandingWord{Standing::Planned, "planned, ordered for a day to come"};
    return std::nullopt;
}

}  // namespace consultd
