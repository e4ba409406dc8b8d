// Timeline: what was given, ordered, done and reported, by name, as days on one axis. From dates
// of the record alone: no line of therapy, no response and no end is concluded from anything.
#pragma once

#include <cstdint>
#include <optional>

#include "adapter/stages/reading/display.h"

namespace consultd {

struct TimelineSpan {
    std::int64_t first = 0;
    std::optional<std::int64_t> last;  // absent: no end recorded
};

struct TimelineRow {
    enum class Kind { Given, Ordered, Stated, Procedure, Report };
    Kind kind;
    std::string name;
    std::vector<const PacketResource*> records;  // newest first
    std::vector<std::int64_t> days;              // of those with a day of their own, oldest first
    std::vector<TimelineSpan> spans;             // of those with a period
    bool is_current = false;                     // the newest of them says that it is active
};

// Rows in the order of their first day. A date without a day has no place on an axis: such a
// record stands in `records` alone.
std::vector<TimelineRow> timeline_of(const std::vector<PacketResource>& resources,
                                     const PacketIndex& index);

}  // namespace consultd
