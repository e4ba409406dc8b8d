#include "adapter/stages/consent/phrases.h"

#include <algorithm>
#include <string>

#include "adapter/knowledge/respelling.h"

namespace consultd::consent {
namespace {

// What stands at `at`: a byte of a word, in lower case, what parts words, or what nobody sees. The
// end parts them too.
struct Sign {
    enum class Kind : std::uint8_t { Word, Apart, Hidden } kind;
    std::size_t bytes;
    char letter = ' ';
};
// The apostrophe of "Crohn's": many write "Crohns".
std::size_t possessive_at(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    for (const std::string_view mark : {"'s", "\xe2\x80\x99s", "'S", "\xe2\x80\x99S"})
        if (rest.starts_with(mark) &&
            (rest.size() == mark.size() || !is_word_char(rest[mark.size()])))
            return mark.size() - 1;
    return 0;
}
Sign sign_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return {Sign::Kind::Apart, 1};
    if (text[at] == '\'' || text[at] == '\xe2')
        if (const std::size_t bytes = possessive_at(text, at); bytes > 0)
            return {Sign::Kind::Hidden, bytes};
    const auto byte = [&](std::size_t offset) {
        return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
    };
    if (byte(0) == 0xc2 && byte(1) == 0xad) return {Sign::Kind::Hidden, 2};  // soft hyphen
    if (byte(0) == 0xc2) return {Sign::Kind::Apart, 2};  // U+0080 to U+00BF: no-break space …
    if (byte(0) == 0xe2 && byte(1) == 0x80)              // U+2000 to U+203F: spaces, dashes, quotes
        return {byte(2) >= 0x8b && byte(2) <= 0x8f ? Sign::Kind::Hidden : Sign::Kind::Apart, 3};
    if (!is_word_char(text[at])) return {Sign::Kind::Apart, 1};
    return {Sign::Kind::Word, 1, to_ascii_lower(text[at])};
}

// With one space before, behind and between its words, whatever parts them.
std::string in_words(std::string_view phrase) {
    std::string out = " ";
    for (std::size_t i = 0; i <= phrase.size();) {
        const Sign sign = sign_at(phrase, i);
        i += std::max<std::size_t>(sign.bytes, 1);
        if (sign.kind == Sign::Kind::Word)
            out += sign.letter;
        else if (sign.kind == Sign::Kind::Apart && out.back() != ' ')
            out += ' ';
    }
    return out;
}

}  // namespace

void Phrases::add_phrase(std::string_view phrase, Tree& tree) {
    const std::string words = in_words(phrase);
    if (words.size() < 3) return;
    add(words, tree);
    // One word more or less of the same: "disorders", "Störungen".
    const std::string_view stem = std::string_view(words).substr(0, words.size() - 1);
    if (stem.size() > plural_letters_min)
        for (const char* const ending : {"s ", "es ", "n ", "en "})
            add(std::string(stem) + ending, tree);
}

void Phrases::add(std::string_view words, Tree& tree) {
    Node at = 0;
    for (const char letter : words) {
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
    states_[at].ends = static_cast<std::uint32_t>(words.size());
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
    if (stand_as_written(text)) return true;
    const std::string meant = respelt(text);
    return !meant.empty() && stand_as_written(meant);
}

bool Phrases::stand_as_written(std::string_view text) const {
    Node at = next(0, ' ');
    bool is_apart = true;
    for (std::size_t i = 0; i <= text.size();) {
        const Sign sign = sign_at(text, i);
        i += std::max<std::size_t>(sign.bytes, 1);
        if (sign.kind == Sign::Kind::Hidden || (sign.kind == Sign::Kind::Apart && is_apart))
            continue;
        is_apart = sign.kind == Sign::Kind::Apart;
        at = next(at, is_apart ? ' ' : sign.letter);
        if (is_apart && (states_[at].ends != 0 || states_[at].shorter != 0)) return true;
    }
    return false;
}

}  // namespace consultd::consent
