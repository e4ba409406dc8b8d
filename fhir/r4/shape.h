// shape: whether the members of a resource have the JSON kinds that R4 gives them: an array where
// an element repeats, an object where it has parts, neither where it is a primitive
// (https://hl7.org/fhir/R4/json.html). What reads members by name relies on it, so whatever comes
// from outside is asked first. Of values, codes and cardinalities it says nothing: that is
// validate's.
#pragma once

#include "fhir/json.h"

namespace consultd::fhir::r4 {

// Where the first member of the wrong kind stands: "Observation.category"; empty when there is
// none. Nesting past what an ElementPath holds is wrong too. Null in place of a member is none, and
// members that R4 does not have are not looked at.
std::string misshapen_element(const Json& resource);

}  // namespace consultd::fhir::r4
