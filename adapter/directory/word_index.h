// WordIndex: finds entries by the words that people type, with their typing errors, at once among
// hundreds of thousands. Each distinct word is kept once, in a dictionary that is looked through
// for what is near to the word that was asked for: the same, begun so, or one or two letters away
// (optimal string alignment: a letter more, less, another, or two the other way round). Seldom
// words decide more than common ones. Pure; knows nothing of hospitals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace consultd {

// The words of a text, folded: without case, accents and apostrophes; abbreviations of places as
// one ("saint", "st."). At most that many.
std::vector<std::string> search_words_of(std::string_view text, std::size_t words_max);

// How many letters `word` is away, or more than `most`.
std::size_t letters_apart(std::string_view word, std::string_view other, std::size_t most);

class WordIndex {
public:
    enum class Field : std::uint8_t { Name, Place };
    // Entries are numbered from 0, in order; all words of one are added before those of the next.
    void add(std::uint32_t entry, std::string_view text, Field field);
    void finish();  // after the last

    // The best first; of equals the one that was added first. What fits less than half as well as
    // the words could be fitted is none.
    std::vector<std::uint32_t> find(std::string_view asked, std::size_t count_max) const;

private:
    struct Near {
        std::uint32_t word;
        double weight;
    };
    std::vector<Near> near_words(std::string_view asked) const;
    double worth_of(const std::vector<Near>& near_by) const;

    struct Posting {
        std::string word;
        std::uint32_t entry_and_field;
    };
    std::vector<Posting> added_;          // until finish()
    std::vector<std::string> words_;      // sorted
    std::vector<std::uint64_t> letters_;  // of each word: which it has
    std::vector<std::uint32_t> begins_;   // of each word's entries in `found_in_`
    std::vector<std::uint32_t> found_in_;
    std::uint32_t entries_ = 0;
};

}  // namespace consultd
