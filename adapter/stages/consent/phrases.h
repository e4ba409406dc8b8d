// Phrases: whether one of many phrases stands in a text, as words of their own, whatever parts them
// ("hiv_test.pdf" has "hiv test") and in the plural too. The text is read once, however many
// phrases there are and however they begin (Aho and Corasick, "Efficient string matching: an aid to
// bibliographic search", CACM 18(6), 1975).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fhir/base/ascii.h"

namespace consultd::consent {

// A letter or digit of ASCII, or a byte of any other character.
constexpr bool is_word_char(char letter) {
    return is_ascii_alnum(letter) || static_cast<unsigned char>(letter) >= 0x80;
}

class Phrases {
public:
    // Case does not count.
    template <class Range>
    explicit Phrases(const Range& phrases) {
        Tree tree(1);
        for (const std::string_view phrase : phrases) add_phrase(phrase, tree);
        link(tree);
    }
    bool stand_in(std::string_view text) const;

private:
    bool stand_as_written(std::string_view text) const;
    static constexpr std::size_t plural_letters_min = 5;
    using Node = std::uint32_t;
    struct Edge {
        char letter;
        Node to;
    };
    struct State {
        std::uint32_t first_edge = 0, edges = 0;
        Node fallback = 0;       // of the longest end of what was read that also begins a phrase
        Node shorter = 0;        // the next state on that way at which a phrase ends; 0: none
        std::uint32_t ends = 0;  // the length of the phrase that ends here; 0: none
    };
    using Tree = std::vector<std::vector<Edge>>;  // of each state, before they stand in one row
    void add_phrase(std::string_view phrase, Tree& tree);
    void add(std::string_view words, Tree& tree);
    void link(const Tree& tree);
    // 0: none.
    Node child(Node from, char letter) const {
        const State& state = states_[from];
        for (std::uint32_t i = 0; i < state.edges; ++i)
            if (edges_[state.first_edge + i].letter == letter)
                return edges_[state.first_edge + i].to;
        return 0;
    }
    Node next(Node from, char letter) const;

    std::vector<State> states_ = std::vector<State>(1);
    std::vector<Edge> edges_;         // those of each state in a row
    std::array<Node, 256> begins_{};  // the first state's, by letter: most of a text is read there
};

}  // namespace consultd::consent
