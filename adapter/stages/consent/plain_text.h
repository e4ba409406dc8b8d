// PlainText: all words of a file or of a marked-up text, as the rules look for them (stages/text).
// Knows no rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/json.h"

namespace consultd::consent {

// Absent: some of it is of a form that nobody here reads (a picture, a zip, a page of a PDF without
// text), in letters that nobody here knows, or it is too large. `parameters` are those of its type:
// "; charset=utf-8".
std::optional<std::string> plain_text_of(std::string_view bytes, std::string_view parameters = {});

// What the source's own narratives of a resource say, those of what it contains with it; may be
// empty.
std::string narrative_text(fhir::JsonView resource);

}  // namespace consultd::consent
