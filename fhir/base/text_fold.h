// Text folding: names for comparing, as people write them differently: without case, diacritics and
// the difference of letters that are one to a clerk ("Müller", "MULLER"). By ICU's rules (Unicode's
// NFD, CLDR's Latin-ASCII). What is not Latin keeps its letters. Never for showing.
#pragma once

#include <string>
#include <string_view>

namespace consultd {

// "obriensmith" for "O’Brien-Smith": letters and digits alone. Empty for what is no UTF-8.
std::string folded(std::string_view text);

// The same where ä, ö, ü, å, ø are written with an e or as aa: "mueller" for "Müller".
std::string folded_with_digraphs(std::string_view text);

// With Latin letters for those of other scripts, and for signs, that are read as one: "HIV" with a
// Cyrillic "\u0406", mathematical or circled letters. Empty: it has none. By Unicode's confusables
// (https://www.unicode.org/reports/tr39/) and NFKC.
std::string with_latin_letters(std::string_view text);

}  // namespace consultd
