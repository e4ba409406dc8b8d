// Timeline: what was given, ordered, done and reported, by name, as days on one axis. From dates
// of the record alone: no line of therapy, no response and no end is concluded from anything.
#pragma once

#include <cstdint>
#include <optional>

#include "adapter/stages/reading/statement.h"

namespace consultd {

struct TimelineSpan {
    std::int64_t first = 0;
    std::optional<std::int64_t> last;  // absent: no end recorded
    bool is_one_day = false;           // some day of the span, which is a month or a year
};

struct TimelineRow {
    enum class Kind { Given, Ordered, Stated, Procedure, Report };
    Kind kind;
    std::string name;
    std::string words;                         // where it stands, beside its name
    std::vector<const Statement*> statements;  // newest first
    std::vector<std::int64_t> days;            // of those with a day of their own, oldest first
    std::vector<TimelineSpan> spans;           // of those with a period, a month or a year
    bool is_current = false;                   // the newest of them says that it is active
};

// Rows in the order of their first day: what did happen, a row a name and standing. What has no
// date that orders it has no place on an axis.
std::vector<TimelineRow> timeline_of(const Reading& reading);

}  // namespace consultd
