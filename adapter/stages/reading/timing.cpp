#include "adapter/stages/reading/timing.h"

#include <algorithm>
#include <array>

#include "adapter/html/date_text.h"
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

// "4", "4 to 6", "up to 6".
std::string span_of(JsonView object, std::string_view from, std::string_view to) {
    std::string out(object[from].number());
    join(out, " to ", object[to].number());
    return out.empty() || object.has(from) ? out : "up to " + out;
}

// "hour", "4 hours", "4 to 6 hours".
std::string time_of(const std::string& count, std::string_view unit) {
    if (unit.empty()) return count + " (unit of time not recorded)";
    const std::string_view word = word_of(units, unit);
    if (count == "1") return std::string(word);
    return count + ' ' + std::string(word) + (word == unit ? "" : "s");
}

// "an hour", "a day".
std::string one_of(std::string_view time) {
    return (time == "hour" ? "an " : "a ") + std::string(time);
}

std::string frequency_text(JsonView repeat) {
    const std::string times = span_of(repeat, "frequency", "frequencyMax");
    const std::string period = span_of(repeat, "period", "periodMax");
    if (period.empty()) return times.empty() ? times : times + (times == "1" ? " time" : " times");
    const std::string time = time_of(period, repeat["periodUnit"].string());
    if (times.empty() || (times == "1" && (period != "1" || time == "hour")))
        return "every " + time;
    const std::string how_often = times == "1" ? "once" : times == "2" ? "twice" : times + " times";
    return how_often + ' ' + (period == "1" ? one_of(time) : "every " + time);
}

// "30 minutes before breakfast"; of an event that says neither, after it.
// https://hl7.org/fhir/R4/datatypes-definitions.html#Timing.repeat.offset
std::string moment_text(std::string_view offset, std::string_view event) {
    const std::string_view words = word_of(events, event);
    if (offset.empty()) return std::string(words);
    std::string out = std::string(offset) + (offset == "1" ? " minute " : " minutes ");
    if (words.starts_with("before ") || words.starts_with("after ")) return out.append(words);
    return out.append("after ").append(words.substr(words.find(' ') + 1));
}

std::string moments_text(JsonView repeat) {
    std::string out, of_week, at;
    for (const JsonView& day : repeat["dayOfWeek"].items())
        join(of_week, ", ", word_of(days, day.string()));
    if (!of_week.empty()) out = "on " + of_week;
    for (const JsonView& time : repeat["timeOfDay"].items()) {
        const std::string_view said = time.string();
        join(at, ", ", said.ends_with(":00") ? said.substr(0, 5) : said);
    }
    if (!at.empty()) join(out, ", ", "at " + at);
    for (const JsonView& event : repeat["when"].items())
        join(out, ", ", moment_text(repeat["offset"].number(), event.string()));
    if (repeat["when"].size() == 0 && repeat.has("offset"))
        join(out, ", ", "offset " + std::string(repeat["offset"].number()) + " minutes");
    return out;
}

// "1 week", "2 weeks", "3 to 5 days" of a Duration or a Range of time.
std::string length_text(const Choice& bounds) {
    const bool is_range = bounds.type == "Range";
    const JsonView low = bounds.value["low"], high = bounds.value["high"];
    const std::string_view unit = time_unit(is_range && low.is_null() ? high
                                            : is_range                ? low
                                                                      : bounds.value);
    const bool is_one_unit =
        !is_range || low.is_null() || high.is_null() || time_unit(low) == time_unit(high);
    if (unit.empty() || !is_one_unit) return choice_text(bounds);
    std::string count;
    if (!is_range) {
        count = bounds.value["comparator"].string();
        join(count, " ", bounds.value["value"].number());
    } else if (low.is_null() || high.is_null()) {
        count = low.is_null() ? "at most " : "at least ";
        count += (low.is_null() ? high : low)["value"].number();
    } else {
        count = std::string(low["value"].number()) + " to " + std::string(high["value"].number());
    }
    return (count == "1" ? "1 " : "") + time_of(count, unit);
}

std::string count_text(JsonView repeat) {
    const std::string count = span_of(repeat, "count", "countMax");
    if (count.empty()) return count;
    return count + (count == "1" ? " time in all" : " times in all");
}

std::string duration_text(JsonView repeat) {
    const std::string length = span_of(repeat, "duration", "durationMax");
    if (length.empty()) return length;
    const std::string_view unit = repeat["durationUnit"].string();
    return "over " + std::string(length == "1" ? "1 " : "") + time_of(length, unit);
}

std::string bounds_text(JsonView repeat) {
    const Choice bounds = choice_of(repeat, "bounds");
    if (bounds.type == "Period") return choice_text(bounds);
    const std::string said = bounds.type.empty() ? std::string() : length_text(bounds);
    return said.empty() ? said : "for " + said;
}

// What the code says: its text, else the words of what it abbreviates, else its own.
std::string code_text(JsonView code) {
    if (const std::string_view text = code["text"].string(); !text.empty())
        return std::string(text);
    for (const JsonView& coding : code["coding"].items())
        if (const std::string_view own = coding["code"].string();
            word_of(abbreviations, own) != own)
            return std::string(word_of(abbreviations, own));
    return concept_text(code);
}

// Whether the text of a code says no more than how often it is, in words or as an abbreviation.
bool is_said_by(std::string_view how_often, const std::string& code) {
    if (lower(code) == lower(std::string(how_often))) return true;
    constexpr std::array<std::array<std::string_view, 2>, 5> others = {{{"QD", "once a day"},
                                                                        {"WK", "once a week"},
                                                                        {"MO", "once a month"},
                                                                        {"QOD", "every 2 days"},
                                                                        {"AM", "once a day"}}};
    std::string folded;
    for (const char letter : code)
        if (letter >= 'a' && letter <= 'z')
            folded += static_cast<char>(letter - 'a' + 'A');
        else if (letter != '.' && letter != ' ')
            folded += letter;
    if (word_of(abbreviations, folded) == how_often) return true;
    return std::ranges::any_of(others, [&](const auto& row) {
        return row[1] == how_often && (folded == row[0] || word_of(abbreviations, row[0]) == code);
    });
}

}  // namespace

std::string_view time_unit(JsonView quantity) {
    for (const std::string_view written : {quantity["code"].string(), quantity["unit"].string()})
        for (const Word& row : units)
            if (written == row.code || written == row.words.view() ||
                written == std::string(row.words.view()) + 's')
                return row.code;
    return {};
}

std::vector<std::string> timing_parts(JsonView timing) {
    const JsonView repeat = timing["repeat"];
    std::string how_often = frequency_text(repeat);
    const std::string code = code_text(timing["code"]);
    std::vector<std::string> out;
    if (how_often.empty())
        how_often = code;
    else if (!code.empty() && !is_said_by(how_often, code))
        out.push_back(code);
    std::string dates;
    for (const JsonView& event : timing["event"].items())
        join(dates, ", ", date_text(event.string(), ClockTime::Show));
    for (std::string& part :
         std::array<std::string, 5>{dates, moments_text(repeat), duration_text(repeat),
                                    bounds_text(repeat), count_text(repeat)})
        if (!part.empty()) out.push_back(std::move(part));
    out.insert(out.begin(), std::move(how_often));
    return out;
}

std::string timing_text(JsonView timing) {
    std::string out;
    for (const std::string& part : timing_parts(timing)) join(out, ", ", part);
    return out;
}

std::string ratio_words(JsonView ratio) {
    std::string out = quantity_text(ratio["numerator"]);
    const JsonView below = ratio["denominator"];
    if (out.empty() || below.is_null()) return out;
    const std::string count(below["value"].number());
    const std::string_view unit = time_unit(below);
    const std::string per = quantity_text(below);
    if (unit.empty()) return per.empty() || per == "1" ? out : out + " per " + per;
    return out +
           (count == "1" ? ' ' + one_of(time_of(count, unit)) : " in " + time_of(count, unit));
}

}  // namespace consultd
