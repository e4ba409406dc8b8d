// Person: under which of several names and numbers somebody is known now. Their order in the record
// says nothing; their use and their period do.
// https://hl7.org/fhir/R4/datatypes.html#HumanName, #Identifier: use is a modifier
#pragma once

#include <vector>

#include "fhir/json.h"

namespace consultd {

// The current ones first, in their own order; those of old, of before a marriage, or whose period
// has an end, last.
std::vector<fhir::JsonView> names_by_use(fhir::JsonView names);
std::vector<fhir::JsonView> identifiers_by_use(fhir::JsonView identifiers);
// Whether it is said to be of the past.
bool is_past(fhir::JsonView name_or_identifier);

// The name that heads a page and a letter; empty: none is recorded.
std::string current_name(fhir::JsonView person);

}  // namespace consultd
