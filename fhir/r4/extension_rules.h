// extension_rules: whether one of R4's own extensions stands where its definition lets it
// (https://hl7.org/fhir/R4/defining-extensions.html#context). Of other people's extensions it tells
// nothing.
#pragma once

#include <span>
#include <string_view>

#include "fhir/r4/elements.h"

namespace consultd::fhir::r4 {

// What an extension extends: a value of one of `types`, which stands in `owner` as its element of
// that name. A resource has no owner.
struct ExtendedPlace {
    std::span<const Type* const> types;
    const Type* owner = nullptr;
    std::string_view element;
};

bool may_extend(std::string_view extension_url, const ExtendedPlace& place);

}  // namespace consultd::fhir::r4
