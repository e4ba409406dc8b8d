// SensitiveWords: phrases that betray a matter, found in a name or a text of any length. A text is
// read as tokens, runs of letters and digits without case and diacritics, and a phrase is a run of
// whole tokens: "hives" is not HIV. What a phrase means, its row says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace consultd {

// A text as tokens. The text outlives it.
class Tokens {
public:
    struct Token {
        std::string_view folded;
        std::string_view shorter;  // with ae, oe, ue as a, o, u; empty where it has none of them
        std::string_view written;  // as the text has it
    };
    explicit Tokens(std::string_view text);
    Tokens(const Tokens&) = delete;
    Tokens& operator=(const Tokens&) = delete;
    std::size_t size() const { return tokens_.size(); }
    const Token& operator[](std::size_t at) const { return tokens_[at]; }

private:
    void add(std::string_view written);
    std::string buffer_;
    std::vector<Token> tokens_;
};

// The text with its spelt words in one piece: "H.I.V." and "h i v" as "HIV" and "hiv". Empty: it
// has none.
std::string without_spelling(std::string_view text, const Tokens& tokens);

class SensitiveWords {
public:
    using Row = std::uint16_t;

    // What a row of words says, each list with "; " between its phrases: "psychiatr*" is what
    // begins so, "*phobia" what ends so.
    struct Phrases {
        std::string_view words;
        std::string_view exact = {};    // tokens that must be written just so
        std::string_view with = {};     // one of these must be there too
        std::string_view all = {};      // each of these must be there too
        std::string_view without = {};  // none of these may be
        bool only_medicine = false;     // as the whole name of a medicine alone
    };
    void add(Row row, const Phrases& phrases);
    // A phrase that is no sign, and voids the signs inside it: "st depression".
    void add_cancels(std::string_view phrases);

    // The rows that a phrase of stands in the text, each at least once.
    std::vector<Row> find(const Tokens& text, bool is_medicine = false) const;

private:
    struct Pattern {
        enum class Kind : std::uint8_t { Whole, Begins, Ends } kind = Kind::Whole;
        std::string text;
        bool fits(std::string_view token) const;
        bool fits(const Tokens::Token& token) const;
    };
    using Phrase = std::vector<Pattern>;
    struct Company {
        std::vector<Phrase> with, all, without;
        bool only_medicine = false;
    };
    struct Entry {
        Phrase phrase;
        std::string exact;
        Row row = 0;
        std::uint16_t company = 0;
        bool is_cancel = false;
    };
    struct Hit {
        const Entry* entry;
        std::size_t begin, end;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Index =
        std::unordered_map<std::string, std::vector<std::uint32_t>, Hash, std::equal_to<>>;

    static Phrase parse(std::string_view phrase);
    static std::vector<Phrase> parse_list(std::string_view phrases);
    static bool stands_at(const Phrase& phrase, const Tokens& text, std::size_t at);
    static bool stands_in(const Phrase& phrase, const Tokens& text);
    void add(Entry entry);
    void find_at(const Tokens& text, std::size_t at, std::vector<Hit>& hits) const;
    void try_all(const std::vector<std::uint32_t>& entries, const Tokens& text, std::size_t at,
                 std::vector<Hit>& hits) const;
    static bool is_void(const Hit& hit, const std::vector<Hit>& cancels);
    bool is_in_company(const Hit& hit, const Tokens& text, bool is_medicine) const;

    std::vector<Entry> entries_;
    std::vector<Company> companies_ = std::vector<Company>(1);  // the first: none is asked for
    // By the first token; by its first letters, its last ones: no more than `key_letters` of them.
    static constexpr std::size_t key_letters = 4;
    Index whole_, begins_, ends_;
};

}  // namespace consultd
