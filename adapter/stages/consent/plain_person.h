// PlainPerson: what of a Patient tells of a matter without a word that is its name: a first name of
// before beside those of now, the sex at birth beside the gender, "care of" in an address, a
// spouse. None of it is needed to know who somebody is (name, gender and birth date of now, and the
// identifiers, are). Knows no rule.
#pragma once

#include <string_view>

#include "fhir/json.h"

namespace consultd::consent {

// Of a Patient's names those that share a first name with the one of now, and those without any.
fhir::Json names_of_now(const fhir::Json& names);
// The sex at birth or in a register, a gender identity, pronouns.
bool tells_gender(fhir::JsonView extension);
// At somebody else's, as a shelter is written (UPU S42-1, "care of" indicators).
bool is_care_of(fhir::JsonView address);
// A spouse or partner of the patient's own gender: a contact of theirs, or a RelatedPerson.
bool tells_orientation(fhir::JsonView contact, std::string_view gender);

}  // namespace consultd::consent
