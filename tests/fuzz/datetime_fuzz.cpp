// A date that was read keeps its text and means a time that is not empty; an instant that was read
// is written as the same instant; a decimal equals itself and keeps its text.
#include <cstdlib>

#include "fhir/datetime.h"
#include "fhir/decimal.h"

using consultd::fhir::Datetime;
using consultd::fhir::Decimal;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto date = Datetime::parse(text)) {
        check(date->text() == text && date->earliest() < date->latest());
        check(date->earliest(Datetime::Zone::AnyZone) <= date->earliest());
        check(date->latest(Datetime::Zone::AnyZone) >= date->latest());
        check(date->year() >= 1 && date->month() <= 12 && date->day() <= 31);
    }
    if (const auto instant = consultd::parse_instant(text)) {
        const std::string written = consultd::format_instant(*instant);
        // A zone can lead out of the years of four digits.
        if (written.size() == 24) check(consultd::parse_instant(written) == instant);
    }
    if (const auto decimal = Decimal::parse(text)) {
        check(decimal->text() == text && *decimal == *decimal);
        const auto zero = Decimal::parse("0");
        check((*decimal < *zero) == (decimal->is_negative() && !decimal->is_zero()));
    }
    return 0;
}
