// Person: whose records these are, as the hospital has it, out of the document that was made of
// them; names of people. Pure.
#pragma once

#include <string>

#include "fhir/json.h"

namespace consultd::portal {

struct Person {
    std::string name, birth_date;  // empty: not said
};
Person person_in(std::string bundle);
// Of a Patient, a RelatedPerson, a Person or a Practitioner, as it is written there.
std::string name_of_person(fhir::JsonView resource);

}  // namespace consultd::portal
