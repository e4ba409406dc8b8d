#include "fhir/datetime.h"

#include <algorithm>

namespace consultd::fhir {
namespace {

using namespace std::chrono;

constexpr Milliseconds widest_zone = hours(14);

std::optional<int> number(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    if (text.size() < at + count) return std::nullopt;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

Instant start_of(int year_number, int month_number, int day_number) {
    return Instant(sys_days(year(year_number) / month_number / day_number));
}

}  // namespace

std::optional<Datetime> Datetime::parse(std::string_view text) {
    Datetime datetime;
    datetime.text_ = text;
    const auto year_number = number(text, 0, 4);
    if (!year_number || *year_number == 0) return std::nullopt;
    datetime.year_ = *year_number;
    datetime.from_ = start_of(*year_number, 1, 1);
    datetime.to_ = start_of(*year_number + 1, 1, 1);
    if (text.size() == 4) return datetime;

    const auto month_number = number(text, 5, 2);
    if (text[4] != '-' || !month_number || *month_number < 1 || *month_number > 12)
        return std::nullopt;
    datetime.month_ = *month_number;
    datetime.precision_ = Precision::Month;
    datetime.from_ = start_of(*year_number, *month_number, 1);
    datetime.to_ =
        Instant(sys_days(year_month_day(year(*year_number) / *month_number / 1) + months(1)));
    if (text.size() == 7) return datetime;

    const auto day_number = number(text, 8, 2);
    if (text[7] != '-' || !day_number) return std::nullopt;
    const year_month_day date = year(*year_number) / *month_number / *day_number;
    if (!date.ok()) return std::nullopt;
    datetime.day_ = *day_number;
    datetime.precision_ = Precision::Day;
    datetime.from_ = Instant(sys_days(date));
    datetime.to_ = datetime.from_ + days(1);
    if (text.size() == 10) return datetime;

    const auto instant = parse_instant(text);
    if (!instant) return std::nullopt;
    const bool has_fraction = text.size() > 19 && text[19] == '.';
    datetime.precision_ = has_fraction ? Precision::Fraction : Precision::Second;
    datetime.from_ = *instant;
    datetime.to_ = *instant + (has_fraction ? Milliseconds(1) : Milliseconds(1000));
    return datetime;
}

Instant Datetime::earliest(Zone zone) const {
    return has_time() || zone == Zone::Utc ? from_ : from_ - widest_zone;
}

Instant Datetime::latest(Zone zone) const {
    return has_time() || zone == Zone::Utc ? to_ : to_ + widest_zone;
}

bool Interval::overlaps(const Interval& other) const {
    return (!from || !other.to || *from < *other.to) && (!other.from || !to || *other.from < *to);
}

bool Interval::covers(const Interval& other) const {
    return (!from || (other.from && *from <= *other.from)) &&
           (!to || (other.to && *other.to <= *to));
}

}  // namespace consultd::fhir
