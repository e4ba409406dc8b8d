// Analytes: the values of one quantity, which a reader takes together. Knows nothing of pages.
#pragma once

#include <span>

#include "adapter/knowledge/specialties.h"
#include "adapter/stages/reading/statement.h"

namespace consultd {

struct Analyte {
    std::string name;
    std::string code;                      // "LOINC 718-7", "code HGB": tells twins apart
    std::vector<const Statement*> values;  // newest first
};

// The same for values of one quantity: the same LOINC code, else the same first code, else the same
// text.
std::string analyte_key(const fhir::Resource& observation);

// What a consultant looks for first comes first, in the order of a flowsheet; the rest by name.
std::vector<Analyte> analytes_of(const std::vector<const Statement*>& newest_first,
                                 std::span<const KeyValue> key_values);

// By code, or where a laboratory sends its own code alone, by the whole name it gives; mass and
// moles in blood are one.
bool is_key_value(const KeyValue& key, const Statement& observation);

}  // namespace consultd
