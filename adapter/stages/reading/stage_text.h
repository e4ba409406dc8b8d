// Stage text: the stages that a problem carries, each with what kind of stage it is: a clinical one
// and a pathological one are not the same.
// https://hl7.org/fhir/R4/condition-definitions.html#Condition.stage
#pragma once

#include <string>

#include "fhir/json.h"

namespace consultd {

// "Stage IVB (clinical); Stage IIIA (pathological)"; empty: it has none that it says in words.
std::string stages_text(fhir::JsonView condition);

}  // namespace consultd
