#include "adapter/html/date_text.h"

#include <array>

#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::Datetime;

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string date_text(std::string_view text, ClockTime time) {
    const auto date = Datetime::parse(text);
    if (!date) return std::string(text);
    std::string out;
    if (date->day() > 0) out = std::to_string(date->day()) + ' ';
    if (date->month() > 0) out.append(months[static_cast<std::size_t>(date->month() - 1)]) += ' ';
    out += text.substr(0, 4);
    if (time == ClockTime::Show && date->has_time()) out.append(", ").append(text.substr(11, 5));
    return out;
}

}  // namespace consultd
