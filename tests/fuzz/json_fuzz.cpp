// Whatever Json::parse takes, it prints in a way that it takes again as the same value.
#include <cstdlib>

#include "fhir/json.h"

using consultd::fhir::Json;

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

void check_value(const Json& value) {
    const std::string printed = value.print();
    const auto again = Json::parse(printed);
    check(again.ok() && same_value(*again, value) && again->print() == printed);
    const std::string canonical = value.print_canonical();
    const auto sorted = Json::parse(canonical);
    check(sorted.ok() && same_value(*sorted, value) && sorted->print_canonical() == canonical);
    check(same_value(*Json::parse(value.print_pretty()), value));
    for (const auto& member : value.members()) {
        check(value.has(member.name()));
        check(!value.without(member.name()).has(member.name()));
        check(same_value(value[member.name()], member.value));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto value = Json::parse(text);
    if (value.ok()) check_value(*value);
    const auto relaxed = Json::parse_relaxed(text);
    // What the strict reader takes, the relaxed one takes as the same.
    if (value.ok()) check(relaxed.ok() && same_value(*relaxed, *value));
    if (relaxed.ok()) check_value(*relaxed);
    return 0;
}
