// Tokens: a text as the words that phrases are looked for in: runs of letters and digits without
// case and diacritics, with what stands between them. Knows no word.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace consultd {

// The text outlives it.
class Tokens {
public:
    // What parts a token from the one before it, at the most.
    enum class Gap : std::uint8_t { Blank, Comma, Line, Sentence };
    struct Token {
        std::string_view folded;
        std::string_view shorter;  // with ae, oe, ue as a, o, u; empty where it has none of them
        std::string_view written;  // as the text has it
        Gap before = Gap::Sentence;
    };
    explicit Tokens(std::string_view text);
    Tokens(const Tokens&) = delete;
    Tokens& operator=(const Tokens&) = delete;
    std::size_t size() const { return tokens_.size(); }
    const Token& operator[](std::size_t at) const { return tokens_[at]; }
    // From the first of those around `at` that no such gap, or a wider one, parts from it, to
    // behind the last; no further than `most` to each side.
    struct Span {
        std::size_t begin, end;
    };
    Span around(std::size_t at, Gap gap, std::size_t most) const;

private:
    void add(std::string_view written, Gap before);
    std::string buffer_;
    std::vector<Token> tokens_;
};

}  // namespace consultd
