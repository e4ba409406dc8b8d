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

// The resource with members of the wrong kind brought into the right one, where nothing is lost by
// it: one value where a list is expected becomes a list of one, and the reverse; a null in a list
// goes; a primitive that is none is absent with its text beside (as_text). What the meaning hangs
// on (a modifier element; a part of a Coding, Reference, Identifier, Attachment, Extension or Meta)
// is never turned into text, and a part that stays wrong stays as it is.
Json reshaped(const Json& resource);

}  // namespace consultd::fhir::r4
