// changes_between: what differs between a resource before and after, as Changes that can be taken
// back: each as far down as a path leads to it (undo.cpp has the grammar). Pure.
#pragma once

#include <string_view>

#include "adapter/change_list.h"

namespace consultd {

void add_changes_between(std::string_view full_url, StaticText rule, const fhir::Json& before,
                         const fhir::Json& after, ChangeList& changes);

}  // namespace consultd
