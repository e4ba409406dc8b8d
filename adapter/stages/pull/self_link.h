// SelfLink: what a server says that it really asked itself: the parameters in the `self` link of
// its first page, held against those that were sent. Pure.
// https://hl7.org/fhir/R4/search.html#conformance
#pragma once

#include <string_view>

#include "adapter/stages/pull/plan.h"
#include "fhir/client/capability.h"

namespace consultd {

// Whether the server says that it went by the query's first parameter: a search that it did not
// know would be for everybody's. Only of a guess; what is declared is believed.
bool is_believed(const Query& query, std::string_view self);

// Whether the server put a condition of its own into the question, a default filter for one: what
// it answers is then all of something less; or asked for another patient. Words of paging and of
// the answer's form are none, nor is one that neither R4 nor the server has for that type.
bool is_narrowed(const Query& query, std::string_view self, const fhir::Capability& capability);

// The same of Patient/$everything, which was asked for as a whole.
// https://hl7.org/fhir/R4/operation-patient-everything.html
bool is_narrowed(std::string_view self_of_everything);

}  // namespace consultd
