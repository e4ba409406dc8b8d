// Empty list: what a record says of why it holds nothing of a kind: a List without entries and with
// its reason. "Nil known" is a statement of the source; "not asked" and "unavailable" are none.
// https://hl7.org/fhir/R4/list-definitions.html#List.emptyReason
#pragma once

#include <optional>

#include "adapter/stages/reading/statement.h"

namespace consultd {

struct EmptyList {
    const Statement* list;
    bool is_nil;        // that there is none
    std::string words;  // "nil known"
};

// The newest current one of allergies, problems or medicines, by a resource type of theirs; absent:
// none, or of another type.
std::optional<EmptyList> empty_list_of(const Reading& reading, std::string_view resource_type);

}  // namespace consultd
