// Trend: the numbers of one analyte in one unit, in the order of time, in runs of values that may
// be compared with each other. Two units never share a trend, and nothing is converted. A new run
// begins where method or laboratory change, or what a name says of it in brackets: what lies in two
// runs is never joined. A result that cannot be drawn truthfully is listed with its reason, never
// guessed and never dropped. Knows nothing of pages.
#pragma once

#include <cstdint>
#include <optional>

#include "adapter/stages/reading/statement.h"

namespace consultd {

// Where a value lies, as its own range or the laboratory's own flag says.
enum class ValuePlace { NotSaid, Within, Below, Above, Abnormal };
struct ValueFlag {
    ValuePlace place = ValuePlace::NotSaid;
    std::string
        words;  // "above 618", "critically low", "pH critically low"; empty: within, not said
};
// Of a value, and of its components.
ValueFlag value_flag(fhir::JsonView observation);
// Whether the laboratory calls it critical, or a component of it, by code or in its own words.
// https://hl7.org/fhir/R4/observation-definitions.html#Observation.interpretation
bool is_critical(fhir::JsonView observation);
// The ranges of it, and of its components by their names; empty where none.
std::string ranges_given(fhir::JsonView observation);

struct TrendPoint {
    const Statement* statement;
    std::int64_t day, last_day;  // since 1970-01-01; they differ where the date has no day
    std::int64_t value;          // times 10^decimals
    std::optional<std::int64_t> low, high;
    ValuePlace place;
};

struct TrendRun {
    std::string method, laboratory;
    std::vector<TrendPoint> points;  // oldest first, never empty
};

struct Trend {
    std::string unit;            // as reported; empty for a count without one
    std::vector<TrendRun> runs;  // oldest first, never empty
    std::size_t points() const;
    const TrendPoint& newest() const { return runs.back().points.back(); }
    // Where methods or laboratories change to and fro, lines between them would only confuse.
    bool is_joined() const;
};

struct Trends {
    std::vector<Trend> drawn;  // one a unit, that of the newest value first
    struct Listed {
        const Statement* statement;
        StaticText reason;
    };
    std::vector<Listed> listed;  // newest first
};

// Of the values of one analyte, newest first. A trend has three points or more, of which two at the
// least may be compared.
Trends trends_of(const std::vector<const Statement*>& values, const PacketIndex& index);

}  // namespace consultd
