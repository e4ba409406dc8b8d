// Word patterns: phrases of tokens: "psychiatr*" is what begins so, "*phobia" what ends so, "nnn"
// any number, "yyyy" any year, any other the whole token; lists have "; " between.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/knowledge/tokens.h"

namespace consultd {

struct WordPattern {
    enum class Kind : std::uint8_t { Whole, Begins, Ends, Number, Year } kind = Kind::Whole;
    std::string text;
    bool fits(std::string_view token) const;
    bool fits(const Tokens::Token& token) const;
};
using Phrase = std::vector<WordPattern>;

Phrase parse_phrase(std::string_view phrase);
std::vector<Phrase> parse_phrases(std::string_view phrases);

bool stands_at(const Phrase& phrase, const Tokens& text, std::size_t at);
bool stands_in(const Phrase& phrase, const Tokens& text, Tokens::Span span);

template <class Use>
void each_phrase_of(std::string_view list, Use use) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find("; "), list.size());
        if (end > 0) use(list.substr(0, end));
        list.remove_prefix(std::min(end + 2, list.size()));
    }
}

}  // namespace consultd
