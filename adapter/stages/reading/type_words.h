// type_word: what a FHIR resource type is called on a page for people.
#pragma once

#include <string_view>

namespace consultd {

// "Medicine ordered" for MedicationRequest; the type itself for one that has no row.
std::string_view type_word(std::string_view resource_type);

}  // namespace consultd
