// Dose: FHIR Dosage in words people use: "1 tablet every 4 hours as needed for pain, at most 6
// tablets a day". All of it is said, steps stand in their order, and where the text of the source
// and its structured parts do not say the same, both stand there.
// https://hl7.org/fhir/R4/dosage.html
#pragma once

#include <string>

#include "fhir/json.h"

namespace consultd {

// Of dosageInstruction, dosage, or the one dosage of an administration.
std::string dosage_text(fhir::JsonView dosages);

}  // namespace consultd
