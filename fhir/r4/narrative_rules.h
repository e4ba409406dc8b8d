// narrative_rules: whether a narrative's div is what txt-1 and txt-2 demand, as far as its names
// tell (https://hl7.org/fhir/R4/narrative.html). Says what is wrong; making it safe is
// fhir/narrative's.
#pragma once

#include <optional>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::fhir::r4 {

// Absent: nothing wrong was found.
std::optional<StaticText> narrative_fault(std::string_view div);

}  // namespace consultd::fhir::r4
