// release: whether a resource is of a release of FHIR before R4, by what it says of itself. What
// those say with members that R4 does not have ("this was not given") must never be read as R4,
// which would carry the member along and say the opposite. https://hl7.org/fhir/R4/diff.html,
// https://hl7.org/fhir/STU3/, https://hl7.org/fhir/DSTU2/
#pragma once

#include "fhir/json.h"

namespace consultd::fhir::r4 {

// By a profile of an older release, or by a member of one that turns the meaning.
bool is_of_older_release(JsonView resource);

}  // namespace consultd::fhir::r4
