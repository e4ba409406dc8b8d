#include "adapter/directory/word_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "fhir/base/ascii.h"
#include "fhir/base/text_fold.h"
#include "fhir/base/utf8.h"

namespace consultd {
namespace {

constexpr std::size_t word_bytes_max = 40;
constexpr std::size_t asked_words_max = 8;
constexpr std::uint32_t place_bit = 1;

// What one word that is near to the asked one is worth.
constexpr double same = 1.0, begun_so = 0.85, one_apart = 0.75, two_apart = 0.6;
constexpr double in_a_place = 0.9;
constexpr double good_enough = 0.5;

// People write the one, lists the other: https://pe.usps.com/text/pub28/ (appendix C) and the like.
constexpr std::pair<std::string_view, std::string_view> short_forms[] = {
    {"saint", "st"},    {"sainte", "st"},     {"ste", "st"},
    {"mount", "mt"},    {"fort", "ft"},       {"centre", "center"},
    {"ctr", "center"},  {"hosp", "hospital"}, {"univ", "university"},
    {"med", "medical"}, {"clin", "clinic"},   {"and", ""},
    {"the", ""},        {"of", ""},           {"de", ""},
    {"la", ""},
};

std::string folded_word(std::string_view word) {
    const bool is_plain = std::ranges::all_of(word, is_ascii_alnum);
    std::string out = is_plain ? ascii_lower(word) : folded(word);
    for (const auto& [from, to] : short_forms)
        if (out == from) return std::string(to);
    if (out.size() > word_bytes_max) out.resize(word_bytes_max);
    return out;
}

// "O’Brien", "St. Mary's": what stands in a word without parting it.
bool is_apostrophe(char32_t c) { return c == '\'' || c == 0x2019 || c == 0x2BC || c == '.'; }
bool parts_words(char32_t c) {
    return c < 0x80 ? !is_ascii_alnum(static_cast<char>(c))
                    : c == 0xA0 || c == 0xB7 || (c >= 0x2000 && c <= 0x206F) || c == 0x3000;
}

std::uint64_t letters_in(std::string_view word) {
    std::uint64_t set = 0;
    for (const char c : word) set |= std::uint64_t{1} << (static_cast<unsigned char>(c) & 63U);
    return set;
}

std::size_t errors_allowed(std::string_view word) {
    return word.size() < 4 ? 0 : word.size() < 8 ? 1 : 2;
}

}  // namespace

std::vector<std::string> search_words_of(std::string_view text, std::size_t words_max) {
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (std::string plain = folded_word(word); !plain.empty() && words.size() < words_max)
            words.push_back(std::move(plain));
        word.clear();
    };
    while (!text.empty()) {
        char32_t c = 0;
        const std::size_t length = decode_utf8(text, c);
        if (length == 0) break;
        if (parts_words(c) && !is_apostrophe(c))
            end_word();
        else if (!is_apostrophe(c))
            word += text.substr(0, length);
        text.remove_prefix(length);
    }
    end_word();
    return words;
}

std::size_t letters_apart(std::string_view word, std::string_view other, std::size_t most) {
    const std::size_t far = most + 1;
    if (word.size() > word_bytes_max || other.size() > word_bytes_max) return far;
    using Row = std::array<std::size_t, word_bytes_max + 1>;
    Row before_last{}, last{}, row{};
    for (std::size_t j = 0; j <= other.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
        row[0] = i;
        std::size_t least = i;
        for (std::size_t j = 1; j <= other.size(); ++j) {
            const bool is_same = word[i - 1] == other[j - 1];
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (is_same ? 0U : 1U)});
            if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            least = std::min(least, row[j]);
        }
        if (least > most) return far;
        before_last = last;
        last = row;
    }
    return std::min(last[other.size()], far);
}

void WordIndex::add(std::uint32_t entry, std::string_view text, Field field) {
    constexpr std::size_t words_of_a_text_max = 40;
    for (std::string& word : search_words_of(text, words_of_a_text_max))
        added_.push_back({std::move(word), entry << 1 | (field == Field::Place ? place_bit : 0U)});
    entries_ = std::max(entries_, entry + 1);
}

void WordIndex::finish() {
    std::ranges::sort(added_, [](const Posting& a, const Posting& b) {
        return std::pair(std::string_view(a.word), a.entry_and_field) <
               std::pair(std::string_view(b.word), b.entry_and_field);
    });
    for (Posting& one : added_) {
        if (words_.empty() || words_.back() != one.word) {
            begins_.push_back(static_cast<std::uint32_t>(found_in_.size()));
            letters_.push_back(letters_in(one.word));
            words_.push_back(std::move(one.word));
        }
        // A name goes before a place, and each stands once.
        const bool is_known =
            found_in_.size() > begins_.back() && found_in_.back() >> 1 == one.entry_and_field >> 1;
        if (!is_known) found_in_.push_back(one.entry_and_field);
    }
    begins_.push_back(static_cast<std::uint32_t>(found_in_.size()));
    added_ = {};
}

// By how seldom the nearest words are, all together: a rare word that is only like what was asked
// for says less than a common one that is it.
double WordIndex::worth_of(const std::vector<Near>& near_by) const {
    double nearest = 0, entries = 0;
    for (const Near& near : near_by) {
        if (near.weight > nearest) entries = 0;
        nearest = std::max(nearest, near.weight);
        if (near.weight == nearest) entries += begins_[near.word + 1] - begins_[near.word];
    }
    return std::log2(1.0 + static_cast<double>(entries_) / (entries + 1.0));
}

std::vector<WordIndex::Near> WordIndex::near_words(std::string_view asked) const {
    std::vector<Near> near;
    const auto number = [&](auto word) {
        return static_cast<std::uint32_t>(word - words_.begin());
    };
    constexpr std::size_t begins_min = 2;
    auto word = std::ranges::lower_bound(words_, asked, std::less<>());
    for (; word != words_.end() && word->starts_with(asked); ++word)
        if (word->size() == asked.size())
            near.push_back({number(word), same});
        else if (asked.size() >= begins_min)
            near.push_back({number(word), begun_so});
    const std::size_t allowed = errors_allowed(asked);
    if (allowed == 0) return near;
    const std::uint64_t letters = letters_in(asked);
    for (std::uint32_t at = 0; at < words_.size(); ++at) {
        const std::string_view other = words_[at];
        if (other.size() + allowed < asked.size() || asked.size() + allowed < other.size() ||
            static_cast<std::size_t>(std::popcount(letters ^ letters_[at])) > 2 * allowed ||
            other.starts_with(asked))
            continue;
        const std::size_t apart = letters_apart(asked, other, allowed);
        if (apart <= allowed) near.push_back({at, apart <= 1 ? one_apart : two_apart});
    }
    return near;
}

std::vector<std::uint32_t> WordIndex::find(std::string_view asked, std::size_t count_max) const {
    const std::vector<std::string> words = search_words_of(asked, asked_words_max);
    std::vector<float> scores(entries_), of_word(entries_);
    std::vector<std::uint32_t> touched, seen;
    double ideal = 0;
    for (const std::string& word : words) {
        const std::vector<Near> near_by = near_words(word);
        const double worth = worth_of(near_by);
        ideal += worth;
        touched.clear();
        for (const Near& near : near_by)
            for (std::size_t at = begins_[near.word]; at < begins_[near.word + 1]; ++at) {
                const std::uint32_t entry = found_in_[at] >> 1;
                const bool is_place = (found_in_[at] & place_bit) != 0;
                const double gained = near.weight * worth * (is_place ? in_a_place : 1.0);
                if (of_word[entry] == 0) touched.push_back(entry);
                of_word[entry] = std::max(of_word[entry], static_cast<float>(gained));
            }
        for (const std::uint32_t entry : touched) {
            if (scores[entry] == 0) seen.push_back(entry);
            scores[entry] += std::exchange(of_word[entry], 0.0F);
        }
    }
    std::erase_if(seen, [&](std::uint32_t entry) {
        return static_cast<double>(scores[entry]) < good_enough * ideal;
    });
    const auto is_better = [&](std::uint32_t a, std::uint32_t b) {
        return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
    };
    const std::size_t count = std::min(count_max, seen.size());
    std::ranges::partial_sort(seen, seen.begin() + static_cast<std::ptrdiff_t>(count), is_better);
    seen.resize(count);
    return seen;
}

}  // namespace consultd
