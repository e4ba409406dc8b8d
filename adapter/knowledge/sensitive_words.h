// SensitiveWords: phrases that betray a matter, found in a name or a text of any length. A text is
// read as tokens, and a phrase is a run of whole tokens: "hives" is not HIV. What a phrase means,
// its row says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "adapter/knowledge/denials.h"
#include "adapter/knowledge/letter_index.h"
#include "adapter/knowledge/misspellings.h"
#include "adapter/knowledge/other_reason.h"
#include "adapter/knowledge/tokens.h"
#include "adapter/knowledge/turned_phrases.h"
#include "adapter/knowledge/word_patterns.h"

namespace consultd {

class SensitiveWords {
public:
    using Row = std::uint16_t;

    // What a row of words says, each list with "; " between its phrases.
    struct Phrases {
        std::string_view words;
        std::string_view exact = {};    // tokens that must be written just so
        std::string_view with = {};     // one of these must be there too
        std::string_view near = {};     // one of these must be in the same sentence
        std::string_view all = {};      // each of these must be there too
        std::string_view without = {};  // none of these may be
        std::shared_ptr<const OtherReason> otherwise = {};
        bool only_medicine = false;  // as the whole name of a medicine alone
        bool turns = false;          // its words may stand in another order
    };
    void add(Row row, const Phrases& phrases);
    // A phrase that is no sign, and voids the signs inside it: "st depression".
    void add_cancels(std::string_view phrases);
    // Words that are right, and one letter from a sign.
    void add_right(std::string_view words);
    // What the names of files, places and registers are made of beside the signs: "clinic".
    void add_parts(std::string_view words);
    Denials& denials() { return denials_; }

    struct Found {
        Row row;
        // Wherever it stands: it is denied, is a relative's, is there for another reason.
        bool is_denied, is_of_kin, has_other_reason;
    };
    // The rows that a phrase of stands in the text, each once.
    std::vector<Found> find(const Tokens& text, bool is_medicine = false) const;

    // The text with what was meant for what is misspelt; with its fused words apart. Empty: it has
    // none.
    std::string corrected(std::string_view text, const Tokens& tokens) const;
    std::string parted(std::string_view text, const Tokens& tokens) const;

private:
    struct Company {
        std::vector<Phrase> with, near, all, without;
        std::shared_ptr<const OtherReason> otherwise;
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
        bool is_turned = false;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Index =
        std::unordered_map<std::string, std::vector<std::uint32_t>, Hash, std::equal_to<>>;

    void add(Entry entry, bool turns = false);
    void find_at(const Tokens& text, std::size_t at, std::vector<Hit>& hits) const;
    void try_all(const std::vector<std::uint32_t>& entries, const Tokens& text, std::size_t at,
                 std::vector<Hit>& hits) const;
    static bool is_void(const Hit& hit, const std::vector<Hit>& cancels);
    bool is_in_company(const Hit& hit, const Tokens& text, bool is_medicine) const;
    bool has_other_reason(const Hit& hit, const Tokens& text) const;
    bool is_sign(std::string_view word) const;
    std::vector<std::size_t> parts_of(std::string_view word) const;

    std::vector<Entry> entries_;
    std::vector<Company> companies_ = std::vector<Company>(1);  // the first: none is asked for
    // By the first token; by its first letters, its last ones: no more than `key_letters` of them.
    static constexpr std::size_t key_letters = LetterIndex::letters_max;
    Index whole_;
    LetterIndex begins_, ends_;
    TurnedPhrases turned_;
    Misspellings misspellings_;
    std::unordered_set<std::string, Hash, std::equal_to<>> words_, parts_;
    Denials denials_;
};

}  // namespace consultd
