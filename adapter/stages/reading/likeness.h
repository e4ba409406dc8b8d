// Likeness: by what two entries of a record are seen to be of the same medicine, problem or
// allergy: by a code that both have, or by the name. A product and its ingredient, or a name that
// begins with the whole words of the other, are akin: perhaps the same. Knows no terminology: what
// only a terminology could tell stays apart. Must not know: standing, dates.
#pragma once

#include <string>
#include <vector>

#include "adapter/stages/reading/display.h"

namespace consultd {

struct Likeness {
    std::vector<std::string> same;  // codes and names; one in common: the same
    std::vector<std::string> akin;  // one that leads one of the other by whole words: akin
};

// https://hl7.org/fhir/R4/medication-definitions.html#Medication.ingredient
Likeness likeness_of(const fhir::Resource& resource, const PacketIndex& index);

// In lower case, without what is between words but one blank.
std::string folded_name(std::string_view name);
// Whether two names say the same, in other words or more of them: more than half of the words of
// the shorter one are in the other, and both deny or none does.
bool is_same_said(std::string_view left, std::string_view right);
// Both folded: whether one is the other or begins with it as whole words.
bool leads(std::string_view one, std::string_view other);

}  // namespace consultd
