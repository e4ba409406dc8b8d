#include "adapter/stages/consent/phrases.h"

#include <algorithm>

namespace consultd::consent {

void Phrases::add(std::string_view phrase, Tree& tree) {
    Node at = 0;
    for (const char letter : phrase) {
        const auto found = std::ranges::find(tree[at], letter, &Edge::letter);
        if (found != tree[at].end()) {
            at = found->to;
            continue;
        }
        const auto made = static_cast<Node>(states_.size());
        tree[at].push_back({letter, made});
        tree.emplace_back();
        states_.emplace_back();
        at = made;
    }
    states_[at].ends = static_cast<std::uint32_t>(phrase.size());
}

// A state's fallback is shorter than the state: level by level each is there when it is needed.
void Phrases::link(const Tree& tree) {
    for (std::size_t i = 0; i < states_.size(); ++i) {
        states_[i].first_edge = static_cast<std::uint32_t>(edges_.size());
        states_[i].edges = static_cast<std::uint32_t>(tree[i].size());
        edges_.insert(edges_.end(), tree[i].begin(), tree[i].end());
    }
    for (const Edge& edge : tree[0]) begins_[static_cast<unsigned char>(edge.letter)] = edge.to;
    std::vector<Node> queue{0};
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const Node parent = queue[i];
        for (const Edge& edge : tree[parent]) {
            queue.push_back(edge.to);
            if (parent == 0) continue;
            State& state = states_[edge.to];
            state.fallback = next(states_[parent].fallback, edge.letter);
            const State& below = states_[state.fallback];
            state.shorter = below.ends != 0 ? state.fallback : below.shorter;
        }
    }
}

Phrases::Node Phrases::next(Node from, char letter) const {
    for (; from != 0; from = states_[from].fallback)
        if (const Node to = child(from, letter); to != 0) return to;
    return begins_[static_cast<unsigned char>(letter)];
}

bool Phrases::stand_in(std::string_view text) const {
    Node at = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        at = next(at, to_ascii_lower(text[i]));
        if (at == 0) continue;
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
