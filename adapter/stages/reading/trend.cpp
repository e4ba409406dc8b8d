#include "adapter/stages/reading/trend.h"

#include <algorithm>
#include <array>
#include <map>

#include "adapter/stages/reading/units.h"
#include "adapter/stages/reading/whole_words.h"
#include "fhir/datetime.h"
#include "fhir/decimal.h"

namespace consultd {
namespace {

using fhir::JsonView;

// Larger numbers are listed: they would not fit the arithmetic of a drawing. Digits after the sixth
// decimal are smaller than any drawing shows.
constexpr std::int64_t value_max = 100'000'000'000'000;
constexpr std::size_t decimals_max = 6;
constexpr std::size_t points_min = 3;  // two make a line and no trend
constexpr std::size_t breaks_joined_max = 4;

std::size_t decimals_of(std::string_view number) {
    const std::size_t point = number.find('.');
    return point == std::string_view::npos ? 0 : number.size() - point - 1;
}

// A plain decimal times 10^decimals; absent where it has an exponent or is too large.
std::optional<std::int64_t> scaled(std::string_view number, std::size_t decimals) {
    const bool is_negative = number.starts_with('-');
    if (is_negative) number.remove_prefix(1);
    if (decimals_of(number) > decimals) number.remove_suffix(decimals_of(number) - decimals);
    if (number.empty()) return std::nullopt;
    std::int64_t value = 0;
    for (const char letter : number) {
        if (letter == '.') continue;
        if (letter < '0' || letter > '9') return std::nullopt;
        value = value * 10 + (letter - '0');
        if (value > value_max) return std::nullopt;
    }
    for (std::size_t i = decimals_of(number); i < decimals; ++i)
        if ((value *= 10) > value_max) return std::nullopt;
    return is_negative ? -value : value;
}

bool same_unit(JsonView left, JsonView right) {
    if (!left["code"].string().empty() && !right["code"].string().empty())
        return left["code"].string() == right["code"].string() &&
               left["system"].string() == right["system"].string();
    return left["unit"].string() == right["unit"].string();
}

// The one range that holds for healthy people; null: none, several, or another kind of range.
JsonView normal_range(JsonView observation) {
    const auto ranges = observation["referenceRange"].items();
    // One that is for an age or a group may not be for this patient.
    const bool is_normal = ranges.size() == 1 && !ranges[0].has("age") &&
                           !ranges[0].has("appliesTo") &&
                           (ranges[0]["type"].is_null() || has_code(ranges[0]["type"], "normal"));
    return is_normal ? ranges[0] : JsonView();
}

struct FlagRow {
    std::string_view code;
    ValuePlace place;
    StaticText words;
};
// https://hl7.org/fhir/R4/valueset-observation-interpretation.html
constexpr std::array<FlagRow, 9> flags = {{{"HH", ValuePlace::Above, "critically high"},
                                           {"LL", ValuePlace::Below, "critically low"},
                                           {"AA", ValuePlace::Abnormal, "critically abnormal"},
                                           {"HU", ValuePlace::Above, "significantly high"},
                                           {"LU", ValuePlace::Below, "significantly low"},
                                           {"H", ValuePlace::Above, "high"},
                                           {"L", ValuePlace::Below, "low"},
                                           {"A", ValuePlace::Abnormal, "abnormal"},
                                           {"N", ValuePlace::Within, ""}}};

// By a laboratory's own words, in the languages that it may write in.
bool is_called_critical(JsonView observation) {
    constexpr std::string_view critical[] = {"critical", "critically", "panic",   "panik",
                                             "kritisch", "critique",   "critico", "crítico",
                                             "critica",  "crítica",    "kritiek"};
    // "Not critical", "non-critical": a person reads what is denied.
    constexpr std::string_view denials[] = {"not", "non", "no", "nicht", "niet", "pas"};
    const std::string said = lower(concepts_text(observation["interpretation"]));
    const auto says = [&](std::string_view word) { return has_word(said, word); };
    return std::ranges::any_of(critical, says) && std::ranges::none_of(denials, says);
}

ValueFlag interpretation_flag(JsonView observation) {
    const JsonView said = observation["interpretation"];
    for (const FlagRow& row : flags)
        if (has_code(said, row.code)) return {row.place, std::string(row.words.view())};
    const std::string words = concepts_text(said), folded = lower(words);
    if (words.empty() || folded == lower(choice_text(choice_of(observation, "value")))) return {};
    if (folded == "normal") return {ValuePlace::Within, {}};
    for (const FlagRow& row : flags)
        if (folded == row.words.view()) return {row.place, words};
    return {is_called_critical(observation) ? ValuePlace::Abnormal : ValuePlace::NotSaid, words};
}

ValueFlag own_flag(JsonView observation) {
    const JsonView value = observation["valueQuantity"], range = normal_range(observation);
    const auto number = fhir::Decimal::parse(value["value"].number());
    const auto low = fhir::Decimal::parse(range["low"]["value"].number());
    const auto high = fhir::Decimal::parse(range["high"]["value"].number());
    const bool is_number = number && !value.has("comparator");
    const bool has_low = is_number && low && same_unit(range["low"], value);
    const bool has_high = is_number && high && same_unit(range["high"], value);
    const ValueFlag said = interpretation_flag(observation);
    // That the laboratory called it critical, or called it otherwise than its own range does,
    // stands beside the bound it crossed.
    const auto bound = [&](ValuePlace place, std::string words) -> ValueFlag {
        const bool is_other = said.place != ValuePlace::NotSaid && said.place != place;
        if (is_other)
            join(words, ", flagged ", said.words.empty() ? "normal" : said.words);
        else if (said.words.find(' ') != std::string::npos)
            join(words, ", ", said.words);
        return {place, words};
    };
    if (has_low && *number < *low) return bound(ValuePlace::Below, "below " + low->text());
    if (has_high && *number > *high) return bound(ValuePlace::Above, "above " + high->text());
    if (said.place == ValuePlace::NotSaid && (has_low || has_high))
        return {ValuePlace::Within, said.words};
    return said;
}

// What its components are flagged, each by its name: those of a blood gas, of a blood pressure.
ValueFlag components_flag(JsonView observation) {
    ValueFlag out;
    for (const JsonView& component : observation["component"].items()) {
        const ValueFlag flag = value_flag(component);
        if (flag.words.empty()) continue;
        if (flag.place != ValuePlace::NotSaid) out.place = ValuePlace::Abnormal;
        join(out.words, "; ", concept_text(component["code"]) + ' ' + flag.words);
    }
    return out;
}

std::string unit_key(JsonView quantity) {
    const std::string_view code = quantity["code"].string();
    if (code.empty()) return "text|" + std::string(quantity["unit"].string());
    return std::string(quantity["system"].string()) + '|' + std::string(code);
}

std::string laboratory_of(const Statement& one, const PacketIndex& index) {
    for (const JsonView& performer : one.resource()["performer"].items()) {
        const JsonView target = index.resolve(performer, one.resource().json());
        if (target["resourceType"].string() == "Organization")
            return std::string(target["name"].string());
    }
    return {};
}

// Why this result is not drawn; empty: it can be.
StaticText reason_to_list(const Statement& one) {
    const JsonView value = one.resource()["valueQuantity"];
    const std::string_view number = value["value"].number();
    const Choice choice = choice_of(one.resource().json(), "value");
    if (choice.type.empty()) return "no value";
    if (!one.places().newest) return "no final result of the patient";
    if (number.empty() && choice.type != "Integer") return "text, not a number";
    if (value.has("comparator")) return "a bound, not a value";
    if (choice.type != "Integer" && value["unit"].string().empty() &&
        value["code"].string().empty())
        return "no unit given";
    if (one.when.date.empty()) return "no date";
    if (!one.is_dated()) return "its date cannot be right";
    if (!scaled(number.empty() ? one.resource()["valueInteger"].number() : number, decimals_max))
        return "too large a number, or one with an exponent";
    return "";
}

struct Drawn {
    const Statement* statement;
    std::string key, unit, method, laboratory, number;
    std::string assay;  // what its name says in brackets: "PSA (Roche)"
};

std::string in_brackets(std::string_view name) {
    const std::size_t from = name.find('('), to = name.rfind(')');
    return from == name.npos || to == name.npos || to < from
               ? std::string()
               : lower(name.substr(from + 1, to - from - 1));
}

struct Days {
    std::int64_t first, last;
};
Days days_of(const Statement& statement) {
    // The day as it was where the sample was taken: the date's own digits, not that of UTC.
    const auto day = fhir::Datetime::parse(statement.when.date.substr(0, 10));
    const auto count = [](Instant at) -> std::int64_t {
        return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
    };
    return {count(day->earliest()), count(day->latest()) - 1};
}

TrendPoint point_of(const Drawn& one, std::size_t decimals) {
    const fhir::Resource& resource = one.statement->resource();
    const JsonView value = resource["valueQuantity"], range = normal_range(resource.json());
    const Days days = days_of(*one.statement);
    TrendPoint point{one.statement,
                     days.first,
                     days.last,
                     scaled(one.number, decimals).value_or(0),
                     {},
                     {},
                     value_flag(resource.json()).place};
    if (same_unit(range["low"], value))
        point.low = scaled(range["low"]["value"].number(), decimals);
    if (same_unit(range["high"], value))
        point.high = scaled(range["high"]["value"].number(), decimals);
    return point;
}

std::size_t decimals_needed(const std::vector<Drawn>& drawn) {
    std::size_t decimals = 0;
    for (const Drawn& one : drawn) {
        const JsonView range = normal_range(one.statement->resource().json());
        for (const std::string_view number :
             {std::string_view(one.number), range["low"]["value"].number(),
              range["high"]["value"].number()})
            decimals = std::max(decimals, std::min(decimals_of(number), decimals_max));
    }
    return decimals;
}

Drawn drawn_of(const Statement& one, const PacketIndex& index) {
    const JsonView value = one.resource()["valueQuantity"],
                   integer = one.resource()["valueInteger"];
    const std::string_view code = value["code"].string();
    std::string unit(value["unit"].string());
    if (are_two_units(unit, code)) unit.append(" (code: ").append(code).append(")");
    return {&one,
            unit_key(value),
            unit.empty() ? std::string(code) : unit,
            concept_text(one.resource()["method"]),
            laboratory_of(one, index),
            std::string(value.is_null() ? integer.number() : value["value"].number()),
            in_brackets(one.what)};
}

// Of values of one unit, newest first.
Trend trend_of_unit(std::vector<Drawn> values) {
    Trend trend{values.front().unit, {}};
    const std::size_t decimals = decimals_needed(values);
    std::reverse(values.begin(), values.end());
    std::stable_sort(values.begin(), values.end(), [](const Drawn& left, const Drawn& right) {
        return days_of(*left.statement).first < days_of(*right.statement).first;
    });
    const Drawn* before = nullptr;
    for (const Drawn& one : values) {
        const bool is_other = !before || before->method != one.method ||
                              before->laboratory != one.laboratory || before->assay != one.assay;
        if (is_other) trend.runs.push_back({one.method, one.laboratory, {}});
        trend.runs.back().points.push_back(point_of(one, decimals));
        before = &one;
    }
    return trend;
}

bool is_enough(const Trend& trend) {
    return trend.points() >= points_min &&
           std::any_of(trend.runs.begin(), trend.runs.end(),
                       [](const TrendRun& run) { return run.points.size() >= 2; });
}

}  // namespace

ValueFlag value_flag(JsonView observation) {
    ValueFlag flag = own_flag(observation), parts = components_flag(observation);
    if (parts.words.empty()) return flag;
    join(flag.words, "; ", parts.words);
    return {flag.place == ValuePlace::NotSaid ? parts.place : flag.place, flag.words};
}

bool is_critical(JsonView observation) {
    const JsonView said = observation["interpretation"];
    if (has_code(said, "HH") || has_code(said, "LL") || has_code(said, "AA")) return true;
    return is_called_critical(observation) ||
           std::ranges::any_of(observation["component"].items(),
                               [](const JsonView& part) { return is_critical(part); });
}

std::string ranges_given(JsonView observation) {
    std::string out = range_text(observation);
    for (const JsonView& component : observation["component"].items())
        if (const std::string range = range_text(component); !range.empty())
            join(out, "; ", concept_text(component["code"]) + ' ' + range);
    return out;
}

std::size_t Trend::points() const {
    std::size_t count = 0;
    for (const TrendRun& run : runs) count += run.points.size();
    return count;
}

bool Trend::is_joined() const { return runs.size() <= breaks_joined_max + 1; }

Trends trends_of(const std::vector<const Statement*>& values, const PacketIndex& index) {
    Trends trends;
    std::vector<std::vector<Drawn>> by_unit;
    std::map<const Statement*, StaticText> reasons;
    for (const Statement* one : values) {
        if (const StaticText reason = reason_to_list(*one); !reason.view().empty()) {
            reasons.emplace(one, reason);
            continue;
        }
        Drawn drawn = drawn_of(*one, index);
        const auto same = std::find_if(by_unit.begin(), by_unit.end(), [&](const auto& unit) {
            return unit.front().key == drawn.key;
        });
        if (same == by_unit.end())
            by_unit.push_back({std::move(drawn)});
        else
            same->push_back(std::move(drawn));
    }
    for (const std::vector<Drawn>& unit : by_unit) {
        Trend trend = trend_of_unit(unit);
        if (is_enough(trend)) {
            trends.drawn.push_back(std::move(trend));
            continue;
        }
        const StaticText reason = by_unit.size() > 1
                                      ? StaticText("too few results in this unit")
                                      : StaticText("too few results that may be compared");
        for (const Drawn& one : unit) reasons.emplace(one.statement, reason);
    }
    for (const Statement* one : values)
        if (const auto found = reasons.find(one); found != reasons.end())
            trends.listed.push_back({one, found->second});
    return trends;
}

}  // namespace consultd
