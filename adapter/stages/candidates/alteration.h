// Alteration: what a resource says of itself that was done to it before it was given: it is a part,
// or something was taken out of it or covered up. Pure.
// https://hl7.org/fhir/R4/search.html#summary,
// https://terminology.hl7.org/ValueSet-v3-SecurityAlterationIntegrityObservationValue.html
#pragma once

#include "adapter/stages/record.h"

namespace consultd {

// SUBSETTED: never to be taken for the whole.
bool is_subsetted(fhir::JsonView resource);
// REDACTED, MASKED: what is left is true, and not all of it.
bool is_redacted(fhir::JsonView resource);
// The gap "redacted" of each that is kept.
void add_gaps_of_redacted(Record& record);

}  // namespace consultd
