// Respelling: how a word is written so that people read it and a search does not: letter by letter,
// broken over a line, with letters of another script that look the same, fused with others in an id
// or a file's name. Knows no word.
#pragma once

#include <string>
#include <string_view>

#include "adapter/knowledge/tokens.h"

namespace consultd {

// The text with its spelt words in one piece: "H.I.V." and "h i v" as "HIV" and "hiv". Empty: it
// has none.
std::string without_spelling(std::string_view text, const Tokens& tokens);

// The text with words that were broken over a line in one piece, and with Latin letters for those
// that look like them. Empty: it has none.
std::string respelt(std::string_view text);

// "HIVVL", "PHQ9TOT", "BH_CONSULT", "hivClinic.txt" as words where case, digits and signs part
// them.
std::string in_parts(std::string_view label);

}  // namespace consultd
