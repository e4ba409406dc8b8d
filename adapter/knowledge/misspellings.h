// Misspellings: long words that are one letter from one that is looked for: a letter too much, too
// few, another, or two that changed places; never the first one. A word that is right as it is, is
// no misspelling ("adduction" of "addiction"): those are told.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace consultd {

class Misspellings {
public:
    static constexpr std::size_t letters_min = 9;  // of a word that may be misspelt

    // All of a word, or what it begins with; one that is too short, or not of a to z, is none.
    void add(std::string_view word, bool is_beginning);
    void add_right(std::string_view word) { right_.emplace(word); }
    // The word that was meant, in lower case; empty: none, or the word itself.
    std::string meant_by(std::string_view word) const;

private:
    using Node = std::uint32_t;
    struct State {
        std::array<Node, 26> next{};
        bool ends_word = false, ends_beginning = false;
    };
    struct Search;
    std::vector<State> states_ = std::vector<State>(1);
    std::unordered_set<std::string> right_;
};

}  // namespace consultd
