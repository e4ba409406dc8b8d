// release: whether a resource is of another release of FHIR than R4, by what it says of itself.
// What those say with members that R4 does not have ("this was not given", what was given) must
// never be read as R4, which would carry the member along and say the opposite, or nothing.
// https://hl7.org/fhir/R4/diff.html, https://hl7.org/fhir/STU3/, https://hl7.org/fhir/DSTU2/,
// https://hl7.org/fhir/R5/diff.html
#pragma once

#include "fhir/json.h"

namespace consultd::fhir::r4 {

// By a profile of another release, by a type that only another has, or by a member of one that
// turns the meaning or holds it.
bool is_of_other_release(JsonView resource);

}  // namespace consultd::fhir::r4
