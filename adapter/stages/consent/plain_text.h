// PlainText: all words of a file or of a marked-up text, as the rules look for them (stages/text).
// Knows no rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace consultd::consent {

// Absent: some of it is of a form that nobody here reads (a picture, a zip, a page of a PDF without
// text), or it is too large.
std::optional<std::string> plain_text_of(std::string_view bytes);

}  // namespace consultd::consent
