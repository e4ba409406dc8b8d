// Directories: how what a published list of hospitals has becomes sources: each endpoint under a
// key that follows from its address alone, so that a transfer finds its source again whatever else
// the list says by then, and whatever the list is called.
#pragma once

#include <string>

#include "config/config.h"

namespace consultd::config {

// "at-" and 20 hex digits.
std::string source_key_of(const fhir::Url& fhir_base_url);

// As what it lists.
void take_brands(Directory& directory, fhir::UserAccessBrands brands);
// Reads `file`, as what it lists. NotFound: it cannot be read; else as
// fhir::read_user_access_brands() has it.
Status read_brands(Directory& directory);

}  // namespace consultd::config
