// Units: whether the unit that people read and the code that programs compute with say the same.
// https://hl7.org/fhir/R4/datatypes.html#Quantity
#pragma once

#include <string_view>

namespace consultd {

// Only where both are read as UCUM, so that they surely are two: "g/L" and "g/dL" are, "beats/min"
// and "/min" are not known to be.
bool are_two_units(std::string_view unit, std::string_view code);

}  // namespace consultd
