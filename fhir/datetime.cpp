#include "fhir/datetime.h"

#include <algorithm>

namespace consultd::fhir {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::years;

constexpr hours zone_max(14);

// The digits of `text` from `at` on; -1 where one is none.
int number_at(std::string_view text, std::size_t at, std::size_t width) {
    int value = 0;
    for (const char c : text.substr(at, width)) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

// FHIR allows zones to ±14:00 where RFC 3339 allows ±23:59.
bool has_fhir_zone(std::string_view text) {
    if (text.ends_with('Z')) return true;
    const std::string_view zone = text.substr(text.size() - 5);
    const int hour = number_at(zone, 0, 2);
    return hour < zone_max.count() || (hour == zone_max.count() && zone.ends_with(":00"));
}

// What one more of the last digit written is worth: ".5" may mean up to .599.
Milliseconds fraction_step(std::string_view text) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return std::chrono::seconds(1);
    const std::size_t end = text.find_first_not_of("0123456789", dot + 1);
    switch (end - dot - 1) {
        case 1:
            return Milliseconds(100);
        case 2:
            return Milliseconds(10);
        default:
            return Milliseconds(1);
    }
}

}  // namespace

std::optional<Datetime> Datetime::parse(std::string_view text) {
    const std::size_t length = text.size();
    if (length > 64 || (length != 4 && length != 7 && length < 10)) return std::nullopt;
    if ((length > 4 && text[4] != '-') || (length > 7 && text[7] != '-')) return std::nullopt;
    Datetime result;
    result.text_ = text;
    result.year_ = number_at(text, 0, 4);
    result.month_ = length >= 7 ? number_at(text, 5, 2) : 0;
    result.day_ = length >= 10 ? number_at(text, 8, 2) : 0;
    const std::chrono::year_month_day date(
        std::chrono::year(result.year_),
        std::chrono::month(static_cast<unsigned>(length >= 7 ? result.month_ : 1)),
        std::chrono::day(static_cast<unsigned>(length >= 10 ? result.day_ : 1)));
    if (result.year_ < 1 || !date.ok()) return std::nullopt;
    if (length <= 10) {
        const auto end = length == 4   ? sys_days(date + years(1))
                         : length == 7 ? sys_days(date + months(1))
                                       : sys_days(date) + days(1);
        result.precision_ = length == 4   ? Precision::Year
                            : length == 7 ? Precision::Month
                                          : Precision::Day;
        result.from_ = sys_days(date);
        result.to_ = end;
        return result;
    }
    const std::optional<Instant> instant = parse_instant(text);
    if (!instant || !has_fhir_zone(text)) return std::nullopt;
    result.precision_ =
        text.find('.') == std::string_view::npos ? Precision::Second : Precision::Fraction;
    result.from_ = *instant;
    result.to_ = *instant + fraction_step(text);
    return result;
}

Instant Datetime::earliest(Zone zone) const {
    return zone == Zone::AnyZone && !has_time() ? from_ - zone_max : from_;
}

Instant Datetime::latest(Zone zone) const {
    return zone == Zone::AnyZone && !has_time() ? to_ + zone_max : to_;
}

bool Interval::overlaps(const Interval& other) const {
    return (!from || !other.to || *from < *other.to) && (!other.from || !to || *other.from < *to);
}

bool Interval::covers(const Interval& other) const {
    return (!from || (other.from && *from <= *other.from)) &&
           (!to || (other.to && *other.to <= *to));
}

}  // namespace consultd::fhir
