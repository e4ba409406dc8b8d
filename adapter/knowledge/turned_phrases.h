// Turned phrases: a phrase whose words stand in another order, or with others between them that say
// nothing: "dependence on alcohol" of "alcohol dependence", "virus, human immunodeficiency".
// Between the parts there is a connective, or the comma of an index.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "adapter/knowledge/word_patterns.h"

namespace consultd {

class TurnedPhrases {
public:
    struct Hit {
        std::uint32_t number;
        std::size_t begin, end;
    };
    // The orders of a phrase, by the number that it is found by.
    void add(const Phrase& phrase, std::uint32_t number);
    std::vector<Hit> find(const Tokens& text) const;

private:
    struct Turned {
        Phrase first, second;
        std::uint32_t number;
        bool is_turned;  // else its words in their order: with connectives between them alone
    };
    void add(Turned turned);
    static std::size_t end_of(const Turned& turned, const Tokens& text, std::size_t at);
    std::vector<Turned> turned_;
    static constexpr std::size_t key_letters = 4;
    std::unordered_map<std::string, std::vector<std::uint32_t>> by_letters_;  // the first ones
};

}  // namespace consultd
