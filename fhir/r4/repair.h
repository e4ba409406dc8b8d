// repair: a resource brought into R4's form without losing what it said. A primitive that breaks
// its form or its required binding, and a concept that breaks its binding, are absent with their
// original text beside (as_text); what R4 has no place for stands as text beside what held it; what
// is required and not there is absent for an unknown reason; a reference to what may not be
// referred to there becomes a logical one. Nothing is guessed: no date is completed, no code is
// corrected. Pure; it follows the rules of `validate` and has none of its own.
// https://hl7.org/fhir/R4/extensibility.html#Special-Case
#pragma once

#include "fhir/r4/validate.h"

namespace consultd::fhir::r4 {

// Whether `validate` finds no error.
bool is_r4(const Json& resource, const TypeOf& type_of = {});

// The resource as R4 has it, as far as that can be; the same where nothing is wrong. Ask is_r4
// afterwards: a Bundle in it, or what is wrong in more ways than one, may stay wrong.
Json repair(const Json& resource, const TypeOf& type_of = {});

}  // namespace consultd::fhir::r4
