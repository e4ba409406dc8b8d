// Datetime: FHIR date, dateTime and instant with the precision they came with: 2023 stays 2023
// (https://hl7.org/fhir/R4/datatypes.html#dateTime).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/base/clock.h"

namespace consultd::fhir {

class Datetime {
public:
    enum class Precision { Year, Month, Day, Second, Fraction };

    // YYYY, YYYY-MM, YYYY-MM-DD, or a full date and time with seconds and zone. Absent: anything
    // else, and dates that are not in the calendar. A leap second (:60) is read; 24:00 is not.
    static std::optional<Datetime> parse(std::string_view text);

    const std::string& text() const { return text_; }
    Precision precision() const { return precision_; }
    bool has_time() const { return precision_ >= Precision::Second; }
    int year() const { return year_; }
    int month() const { return month_; }  // 1..12; 0 where not said
    int day() const { return day_; }      // 1..31; 0 where not said

    // The first instant that the text can mean, and the first one after it. A date without a zone
    // may mean any zone: then the interval is widened by -14:00 and +14:00 only if `AnyZone` is
    // asked.
    enum class Zone { Utc, AnyZone };
    Instant earliest(Zone zone = Zone::Utc) const;
    Instant latest(Zone zone = Zone::Utc) const;  // exclusive

private:
    std::string text_;
    Precision precision_ = Precision::Year;
    int year_ = 0, month_ = 0, day_ = 0;
    Instant from_{}, to_{};
};

// FHIR Period {start,end} as [first, last) instants; an absent side is unbounded.
struct Interval {
    std::optional<Instant> from;
    std::optional<Instant> to;  // exclusive
    bool overlaps(const Interval& other) const;
    bool covers(const Interval& other) const;
};

}  // namespace consultd::fhir
