#include "adapter/knowledge/misspellings.h"

#include <algorithm>

namespace consultd {
namespace {

bool is_plain(std::string_view word) {
    return std::ranges::all_of(word, [](char letter) { return letter >= 'a' && letter <= 'z'; });
}
std::size_t place_of(char letter) { return static_cast<std::size_t>(letter - 'a'); }

}  // namespace

void Misspellings::add(std::string_view word, bool is_beginning) {
    if (word.size() < letters_min || !is_plain(word)) return;
    Node at = 0;
    for (const char letter : word) {
        if (states_[at].next[place_of(letter)] == 0) {
            states_[at].next[place_of(letter)] = static_cast<Node>(states_.size());
            states_.emplace_back();
        }
        at = states_[at].next[place_of(letter)];
    }
    (is_beginning ? states_[at].ends_beginning : states_[at].ends_word) = true;
}

// Walks the words and the given one together, and may step aside once.
struct Misspellings::Search {
    const std::vector<State>& states;
    std::string_view word;
    std::string meant;

    Node after(Node from, std::size_t at) const {
        return at < word.size() ? states[from].next[place_of(word[at])] : 0;
    }
    // The last letters of a beginning must be right: an ending is nearer to another word.
    static constexpr std::size_t sure_letters = 2;

    bool walk(Node from, std::size_t at, bool is_aside, std::size_t aside_at) {
        const State& state = states[from];
        if (state.ends_beginning && is_aside && at >= aside_at + sure_letters) {
            meant += word.substr(at);
            return true;
        }
        if (state.ends_word && at == word.size()) return true;                   // it is one itself
        if (state.ends_word && !is_aside && at + 1 == word.size()) return true;  // one too much
        if (at < word.size() &&
            step(place_of(word[at]), after(from, at), at + 1, is_aside, aside_at))
            return true;
        return !is_aside && at > 0 && step_aside(from, at);
    }
    bool step(std::size_t letter, Node to, std::size_t at, bool is_aside, std::size_t aside_at) {
        if (to == 0) return false;
        meant += static_cast<char>('a' + letter);
        if (walk(to, at, is_aside, aside_at)) return true;
        meant.pop_back();
        return false;
    }
    bool step_aside(Node from, std::size_t at) {
        const auto& next = states[from].next;
        for (std::size_t letter = 0; letter < next.size(); ++letter)  // another, or one too few
            if (next[letter] != 0 &&
                ((at < word.size() && step(letter, next[letter], at + 1, true, at + 1)) ||
                 step(letter, next[letter], at, true, at)))
                return true;
        if (at + 1 >= word.size()) return false;
        const std::size_t first = place_of(word[at]), second = place_of(word[at + 1]);
        if (step(second, next[second], at + 2, true, at + 1)) return true;  // one too much
        if (next[second] == 0) return false;
        meant += word[at + 1];  // two that changed places
        if (step(first, states[next[second]].next[first], at + 2, true, at + 2)) return true;
        meant.pop_back();
        return false;
    }
};

std::string Misspellings::meant_by(std::string_view word) const {
    if (word.size() + 1 < letters_min || !is_plain(word)) return {};
    Search search{states_, word, {}};
    if (!search.walk(0, 0, false, 0) || search.meant == word || right_.contains(std::string(word)))
        return {};
    return std::move(search.meant);
}

}  // namespace consultd
