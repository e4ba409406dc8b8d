// What the first team concluded, assessed or planned: what a consultant who is to form an opinion
// of their own need not have read before (anchoring: Elmore et al., JAMA Dermatol 2022,
// doi:10.1001/jamadermatol.2022.2932). What harms when it is not known is none of it: allergies,
// alerts, adverse events, medicines in use, results, what was done.
#pragma once

#include "fhir/json.h"

namespace consultd::consent {

// A document is one as a whole or not at all, by its type; a report that concludes is one, unless
// it is a laboratory's.
bool is_first_opinion(fhir::JsonView resource);

}  // namespace consultd::consent
