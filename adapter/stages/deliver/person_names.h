// PersonNames: a person's names as they are compared and looked for: in the forms that people write
// them in, each in its place. Pure. Knows nothing of what agreeing means.
// https://hl7.org/fhir/R4/datatypes.html#HumanName
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/json.h"

namespace consultd {

// One name, folded in both ways: "muller", "mueller".
using NameForms = std::set<std::string>;
NameForms forms_of(std::string_view text);
bool share_one(const NameForms& left, const NameForms& right);

// A name that someone goes by or went by; not a nickname, a stage name, or one made up for the day.
// https://hl7.org/fhir/R4/valueset-name-use.html
bool is_legal_name(fhir::JsonView name);
// Maiden and former names among them: a chart may have been begun under one.
NameForms families(fhir::JsonView patient);

// The parts of the given names in their order: "Anna-Maria" and "Anna Maria" are the same two.
using GivenNames = std::vector<NameForms>;
GivenNames given_parts(fhir::JsonView name);
std::vector<GivenNames> given_names(fhir::JsonView patient);
// A name without given names, as a maiden name often is, goes with each of the person's.
std::vector<GivenNames> given_of(fhir::JsonView name, const std::vector<GivenNames>& all);

// Family and first given name of one name of each are the same but for one letter, an initial, or a
// given name that is missing; or each stands in the other's place.
bool are_named_nearly(fhir::JsonView ours, fhir::JsonView theirs);

// The family names to look for, as written, each also with its umlauts as two letters; and the same
// with the first given name.
std::vector<std::string> family_names_of(fhir::JsonView patient);
using FullName = std::pair<std::string, std::string>;  // family, given
std::vector<FullName> full_names_of(fhir::JsonView patient);

}  // namespace consultd
