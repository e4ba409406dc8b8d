// Whole words: whether a text has a word as a word of its own: "competency" holds no "pet".
#pragma once

#include <string>
#include <string_view>

namespace consultd {

// ASCII letters in lower case; all others stay as they are.
std::string lower(std::string_view text);

// Both in lower case. A letter that is not ASCII is part of a word.
bool has_word(std::string_view text, std::string_view word);

}  // namespace consultd
