// The search parameters the sandbox knows, as a table of facts: those that US Core asks a server
// for, and those that a receiver is asked by
// (https://hl7.org/fhir/R4/searchparameter-registry.html).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fhir/json.h"

namespace consultd::sandbox {

enum class SearchKind : std::uint8_t { Token, Reference, Date, String, Uri };

struct SearchParameter {
    std::string_view type;  // "*": every type
    std::string_view name;
    SearchKind kind;
    // Member names joined by dots, alternatives by "|"; arrays are entered.
    std::string_view paths;
};

std::span<const SearchParameter> search_parameters();
// Null when the type has none of that name.
const SearchParameter* find_search_parameter(std::string_view type, std::string_view name);
// The values an expression like "effectiveDateTime|effectivePeriod" finds in a resource.
std::vector<fhir::JsonView> values_at(fhir::JsonView resource, std::string_view paths);

}  // namespace consultd::sandbox
