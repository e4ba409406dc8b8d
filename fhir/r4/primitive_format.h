// primitive_format: whether the JSON value of a primitive element has the form its type demands
// (https://hl7.org/fhir/R4/datatypes.html, the regular expressions of the primitive types). Knows
// one value at a time, nothing of the element it stands in.
#pragma once

#include <optional>

#include "fhir/json.h"
#include "fhir/r4/elements.h"

namespace consultd::fhir::r4 {

// What is wrong with it; absent: nothing. `type` must be a primitive one. What the definitions
// leave to other specifications (the content of xhtml) is not looked at here.
std::optional<StaticText> format_fault(const Type& type, JsonView value);

}  // namespace consultd::fhir::r4
