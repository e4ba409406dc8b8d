// Leads: references of our patient's to resources that are another's. What such a reference says of
// them (a display, an identifier, where they lie) is theirs as well, and goes with them. Pure.
// https://hl7.org/fhir/R4/references.html
#pragma once

#include <set>
#include <string>

#include "adapter/stages/belonging/addresses.h"

namespace consultd {

// Those of wrong patients: "Type/id", and fullUrls.
using NamesOfAnothers = std::set<std::string, std::less<>>;

// The resource with each reference to one of them masked; null where it has none.
fhir::Json without_leads(const fhir::Json& resource, std::size_t file, const NamesOfAnothers& names,
                         const Addresses& addresses);

}  // namespace consultd
