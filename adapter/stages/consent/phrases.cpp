#include "adapter/stages/consent/phrases.h"

#include <cctype>

namespace consultd::consent {

bool is_word_char(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
           static_cast<unsigned char>(letter) >= 0x80;
}

void Phrases::add(std::string_view phrase) {
    Node at = 0;
    for (const char letter : phrase) {
        const auto [found, added] =
            edges_.try_emplace(edge(at, letter), static_cast<Node>(states_.size()));
        if (added) {
            states_.emplace_back();
            in_order_.push_back(found->first);
        }
        at = found->second;
    }
    states_[at].ends = static_cast<std::uint32_t>(phrase.size());
}

// A state's fallback is shorter than the state: level by level each is there when it is needed.
void Phrases::link() {
    std::vector<std::vector<std::uint64_t>> children(states_.size());
    for (const std::uint64_t one : in_order_) children[one >> 8U].push_back(one);
    std::vector<Node> queue{0};
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const Node parent = queue[i];
        for (const std::uint64_t one : children[parent]) {
            const Node child = edges_.at(one);
            queue.push_back(child);
            if (parent == 0) continue;
            State& state = states_[child];
            state.fallback = next(states_[parent].fallback, static_cast<char>(one & 0xFFU));
            const State& below = states_[state.fallback];
            state.shorter = below.ends != 0 ? state.fallback : below.shorter;
        }
    }
}

Phrases::Node Phrases::next(Node from, char letter) const {
    while (true) {
        const auto found = edges_.find(edge(from, letter));
        if (found != edges_.end()) return found->second;
        if (from == 0) return 0;
        from = states_[from].fallback;
    }
}

bool Phrases::stand_in(std::string_view text) const {
    Node at = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        at = next(at, text[i]);
        const std::size_t end = i + 1;
        if (end < text.size() && is_word_char(text[end])) continue;
        for (Node here = states_[at].ends != 0 ? at : states_[at].shorter; here != 0;
             here = states_[here].shorter) {
            const std::size_t begin = end - states_[here].ends;
            if (begin == 0 || !is_word_char(text[begin - 1])) return true;
        }
    }
    return false;
}

}  // namespace consultd::consent
