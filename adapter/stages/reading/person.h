// Person: under which of several names and numbers somebody is known now. Their order in the record
// says nothing; their use and their period do.
// https://hl7.org/fhir/R4/datatypes.html#HumanName, #Identifier: use is a modifier
#pragma once

#include <optional>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/json.h"

namespace consultd {

// Of which moment "now" is. Without it whatever has an end is taken to have ended.
using Now = std::optional<Instant>;

// The current ones first, in their own order; those of old, of before a marriage, or whose period
// has ended by then, last.
std::vector<fhir::JsonView> names_by_use(fhir::JsonView names, Now now);
std::vector<fhir::JsonView> identifiers_by_use(fhir::JsonView identifiers, Now now);
// Whether it is said to be of the past.
bool is_past(fhir::JsonView name_or_identifier, Now now);

// The name that heads a page and a letter; empty: none is recorded.
std::string current_name(fhir::JsonView person, Now now = {});

}  // namespace consultd
