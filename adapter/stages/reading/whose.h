// Whose: of whom an Observation is, where it is not the patient: a donor, a fetus; and what is
// known against the specimen that it was made on. Knows nothing of pages.
// https://hl7.org/fhir/R4/observation-definitions.html#Observation.focus
#pragma once

#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/standing.h"

namespace consultd {

// Names for people, parted by commas; empty: the patient, or nothing is said. By focus, by
// https://hl7.org/fhir/R4/extension-observation-focuscode.html, and by the subject of its specimen.
// What is the patient's own, such as the tumor that a stage is of, is the patient.
std::string whose(const fhir::Resource& observation, const PacketIndex& index,
                  std::string_view patient);

// That its specimen is not fit, or in which condition it was.
// https://hl7.org/fhir/R4/specimen-definitions.html#Specimen.status
std::vector<StandingWord> specimen_words(const fhir::Resource& observation,
                                         const PacketIndex& index);

}  // namespace consultd
