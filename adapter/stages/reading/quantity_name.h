// Quantity name: what laboratories write beside the name of one quantity, taken away: "Creatinine,
// serum", "S-Creatinine", "Creatinine (enzymatic)" are creatinine; "Creatinine clearance",
// "PSA (free)" are something else. Which words may stand beside is knowledge
// (config/specialties/all.json). Knows no analyte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapter/knowledge/specialties.h"

namespace consultd {

// Letters and digits without case, diacritics and what parts them: "ca153" for "CA 15-3".
std::string quantity_key(std::string_view name);

// The keys that it may be known by, the whole name first, then what is left of it without the words
// that may stand beside, in the order of how much that is; the whole alone where a word in it says
// that it is another quantity.
std::vector<std::string> quantity_keys(std::string_view name, const NameWords& words);

}  // namespace consultd
