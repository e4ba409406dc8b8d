// Trend: the numbers of one analyte in the order of time, in runs of values that may be compared
// with each other. A new run begins where unit, method or laboratory change: what lies in two runs
// is never joined. A result that cannot be drawn truthfully is listed with its reason, never
// guessed and never dropped. Knows nothing of pages.
#pragma once

#include <cstdint>
#include <optional>

#include "adapter/stages/assemble/display.h"

namespace consultd {

// Where a value lies, as its own range or the laboratory's own flag says.
enum class ValuePlace { NotSaid, Within, Below, Above, Abnormal };
struct ValueFlag {
    ValuePlace place = ValuePlace::NotSaid;
    std::string words;  // "above 618", "critically low"; empty: within, or not said
};
ValueFlag value_flag(fhir::JsonView observation);

struct TrendPoint {
    const PacketResource* resource;
    std::int64_t day, last_day;  // since 1970-01-01; they differ where the date has no day
    std::int64_t value;          // times 10^decimals
    std::optional<std::int64_t> low, high;
    ValuePlace place;
};

struct TrendRun {
    std::string unit, method, laboratory;
    std::vector<TrendPoint> points;  // oldest first, never empty
};

struct Trend {
    int decimals = 0;
    std::vector<TrendRun> runs;  // oldest first
    struct Listed {
        const PacketResource* resource;
        StaticText reason;
    };
    std::vector<Listed> listed;  // newest first
    std::size_t points() const;
};

// Of the values of one analyte, newest first.
Trend trend_of(const std::vector<const PacketResource*>& values, const PacketIndex& index);

}  // namespace consultd
