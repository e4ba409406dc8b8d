// OtherReason: what a medicine that betrays a matter is given for besides: methadone against the
// pain of a cancer. Beside it the medicine is no more than a possible sign.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapter/knowledge/word_patterns.h"

namespace consultd {

struct OtherReason {
    std::vector<Phrase> phrases;
    std::vector<std::pair<std::string, std::string>> icd10;  // from, to: what codes begin with
    bool stands(const Tokens& text, Tokens::Span span) const {
        return std::ranges::any_of(
            phrases, [&](const Phrase& phrase) { return stands_in(phrase, text, span); });
    }
};

}  // namespace consultd
