// Denials: statements that say nothing but that something is not so: "HIV negative", "Denies
// alcohol, tobacco or drug use", "ETOH none". One that says anything else is none: "no change of
// the HIV medication". And those that say it of a relative alone: "father: alcoholism". A mother
// may be the patient, or have given it to her child: she is none of these.
#pragma once

#include <string_view>
#include <vector>

#include "adapter/knowledge/word_patterns.h"

namespace consultd {

class Denials {
public:
    // Words that deny; words that may stand beside these and what they deny.
    void add_denying(std::string_view words);
    void add_beside(std::string_view words);
    // Relatives.
    void add_kin(std::string_view words);
    // Whether the word at `at` stands in a denial; `is_matter`: what of the text is looked for.
    bool hold(const Tokens& text, std::size_t at, const std::vector<bool>& is_matter) const;
    bool are_of_kin(const Tokens& text, std::size_t at, const std::vector<bool>& is_matter) const;

private:
    bool are_denied(const Tokens& text, Tokens::Span span,
                    const std::vector<bool>& is_matter) const;
    static bool fits(const std::vector<WordPattern>& words, const Tokens::Token& token);
    std::vector<WordPattern> denying_, beside_, kin_;
};

}  // namespace consultd
