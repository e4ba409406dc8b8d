// Timing: FHIR's Timing in words people use: "every 4 to 6 hours", "twice a day, on Monday". Every
// element is said; where code and repeat do not say the same, both stand there.
// https://hl7.org/fhir/R4/datatypes.html#Timing
#pragma once

#include <string>
#include <vector>

#include "fhir/json.h"

namespace consultd {

// Empty where nothing is said.
std::string timing_text(fhir::JsonView timing);
// The same in parts: how often comes first and may be empty; then when, for how long, how many
// times.
std::vector<std::string> timing_parts(fhir::JsonView timing);

// The code of a unit of time, of what is written out too: "h", "hour", "hours". Empty: it is none.
std::string_view time_unit(fhir::JsonView quantity);

// "6 tablets a day", "5 mg per kg", of a Ratio.
std::string ratio_words(fhir::JsonView ratio);

}  // namespace consultd
