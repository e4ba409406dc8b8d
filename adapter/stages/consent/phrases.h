// Phrases: whether one of many phrases stands in a text, as words of their own. The text is read
// once, however many phrases there are and however they begin (Aho and Corasick, "Efficient string
// matching: an aid to bibliographic search", CACM 18(6), 1975).
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace consultd::consent {

// A letter or digit of ASCII, or a byte of any other character.
bool is_word_char(char letter);

class Phrases {
public:
    // None of them empty. All in lower case, as the text must be.
    template <class Range>
    explicit Phrases(const Range& phrases) {
        for (const std::string_view phrase : phrases) add(phrase);
        link();
    }
    bool stand_in(std::string_view text) const;

private:
    using Node = std::uint32_t;
    struct State {
        Node fallback = 0;       // of the longest end of what was read that also begins a phrase
        Node shorter = 0;        // the next state on that way at which a phrase ends; 0: none
        std::uint32_t ends = 0;  // the length of the phrase that ends here; 0: none
    };
    static std::uint64_t edge(Node from, char letter) {
        return std::uint64_t{from} << 8U | static_cast<unsigned char>(letter);
    }
    void add(std::string_view phrase);
    void link();
    Node next(Node from, char letter) const;

    std::vector<State> states_ = std::vector<State>(1);
    std::unordered_map<std::uint64_t, Node> edges_;
    std::vector<std::uint64_t> in_order_;  // the edges as they were made: each after its parent's
};

}  // namespace consultd::consent
