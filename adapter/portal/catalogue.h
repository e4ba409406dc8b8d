// Catalogue: all of the portal's words in one language; one file a language. That each has a text
// is checked when it is compiled. Inner to adapter/portal.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "adapter/portal/words.h"

namespace consultd::portal {

struct WordRow {
    Word word;
    std::string_view text;
};
struct CountedRow {
    Counted counted;
    std::string_view one, other;
};
inline constexpr std::size_t word_count = static_cast<std::size_t>(Word::End);
inline constexpr std::size_t counted_count = static_cast<std::size_t>(Counted::End);

// The words of a language, from two lists.
template <std::size_t N, std::size_t M>
constexpr std::array<WordRow, word_count> joined(const std::array<WordRow, N>& first,
                                                 const std::array<WordRow, M>& second) {
    static_assert(N + M == word_count, "each word has a text");
    std::array<WordRow, word_count> all{};
    std::copy(first.begin(), first.end(), all.begin());
    std::copy(second.begin(), second.end(), all.begin() + N);
    return all;
}

// In the order of the enum, and none without a text.
constexpr bool is_complete(std::span<const WordRow> rows) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].word) != i || rows[i].text.empty()) return false;
    return true;
}
constexpr bool is_complete(std::span<const CountedRow> rows) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].counted) != i || rows[i].one.empty() ||
            rows[i].other.empty())
            return false;
    return true;
}

struct Catalogue {
    const std::array<WordRow, word_count>& words;
    const std::array<CountedRow, counted_count>& counted;
};
extern const Catalogue english, spanish;

}  // namespace consultd::portal
