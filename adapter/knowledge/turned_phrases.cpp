#include "adapter/knowledge/turned_phrases.h"

#include <algorithm>
#include <iterator>

namespace consultd {
namespace {

constexpr std::size_t words_max = 4, letters_min = 3;

// Of five languages, sorted.
constexpr std::string_view connectives[] = {
    "a",   "aan", "al",  "am",  "an",   "au",  "aux", "by",  "d",  "das", "de",
    "del", "dem", "den", "der", "des",  "die", "du",  "een", "el", "for", "het",
    "l",   "la",  "las", "le",  "les",  "los", "of",  "on",  "op", "por", "the",
    "to",  "van", "vom", "von", "voor", "zu",  "zum", "zur"};
static_assert(std::ranges::is_sorted(connectives));

bool is_connective(std::string_view word) {
    return word.size() < 5 && std::ranges::binary_search(connectives, word);
}

// Behind the phrase; 0: it is not there.
std::size_t behind(const Phrase& phrase, const Tokens& text, std::size_t at) {
    return stands_at(phrase, text, at) ? at + phrase.size() : 0;
}

}  // namespace

void TurnedPhrases::add(const Phrase& phrase, std::uint32_t number) {
    Phrase words;
    std::ranges::copy_if(phrase, std::back_inserter(words), [](const WordPattern& one) {
        return one.kind != WordPattern::Kind::Whole || !is_connective(one.text);
    });
    if (words.size() < 2 || words.size() > words_max) return;
    const auto is_short = [](const WordPattern& one) { return one.text.size() < letters_min; };
    if (std::ranges::any_of(words, is_short)) return;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto middle = words.begin() + static_cast<std::ptrdiff_t>(i);
        add({{words.begin(), middle}, {middle, words.end()}, number, false});
        add({{middle, words.end()}, {words.begin(), middle}, number, true});
    }
}

void TurnedPhrases::add(Turned turned) {
    if (turned.first.front().kind == WordPattern::Kind::Ends) return;
    by_letters_[turned.first.front().text.substr(0, key_letters)].push_back(
        static_cast<std::uint32_t>(turned_.size()));
    turned_.push_back(std::move(turned));
}

// Behind it; 0: it does not stand there.
std::size_t TurnedPhrases::end_of(const Turned& turned, const Tokens& text, std::size_t at) {
    const std::size_t middle = behind(turned.first, text, at);
    if (middle == 0 || middle >= text.size()) return 0;
    std::size_t next = middle;
    while (next < text.size() && text[next].before == Tokens::Gap::Blank &&
           is_connective(text[next].folded))
        ++next;
    if (next >= text.size()) return 0;
    // An index has the word before the comma first: "dependence, alcohol".
    const bool is_index =
        turned.is_turned && next == middle && text[next].before == Tokens::Gap::Comma &&
        (turned.first.size() + turned.second.size() > 2 || text[at].before >= Tokens::Gap::Line);
    const bool is_joined = next > middle && text[next].before == Tokens::Gap::Blank;
    return is_index || is_joined ? behind(turned.second, text, next) : 0;
}

std::vector<TurnedPhrases::Hit> TurnedPhrases::find(const Tokens& text) const {
    std::vector<Hit> hits;
    std::vector<bool> joins(text.size() + words_max);
    for (std::size_t at = 0; at < text.size(); ++at)
        joins[at] = text[at].before == Tokens::Gap::Comma || is_connective(text[at].folded);
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        if (!joins[at + 1] && !joins[at + 2] && !joins[at + 3]) continue;
        const std::string_view word = text[at].folded;
        for (std::size_t letters = letters_min; letters <= std::min(word.size(), key_letters);
             ++letters) {
            const auto found = by_letters_.find(std::string(word.substr(0, letters)));
            if (found == by_letters_.end()) continue;
            for (const std::uint32_t number : found->second)
                if (const std::size_t end = end_of(turned_[number], text, at); end != 0)
                    hits.push_back({turned_[number].number, at, end});
        }
    }
    return hits;
}

}  // namespace consultd
