// Code systems: what people call a system of codes, so that a code that stands without a name can
// be looked up. Owns the list; a system that it does not have is not named.
// https://hl7.org/fhir/R4/terminologies-systems.html
#pragma once

#include <string_view>

namespace consultd {

// "LOINC" for "http://loinc.org"; empty for any other.
std::string_view system_name(std::string_view uri);

}  // namespace consultd
