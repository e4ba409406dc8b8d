#include "adapter/stages/reading/quantity_name.h"

#include <algorithm>

#include "adapter/knowledge/tokens.h"

namespace consultd {
namespace {

constexpr std::size_t tokens_max = 12;  // a longer name is a sentence

// What stands in brackets of any kind, and what stands outside them.
struct Parts {
    std::string outside, inside;
};
Parts parts_of(std::string_view name) {
    Parts out;
    int depth = 0;
    for (const char letter : name) {
        if (letter == '(' || letter == '[') {
            ++depth;
            out.outside += ' ';
            out.inside += ' ';
        } else if (letter == ')' || letter == ']') {
            depth = std::max(0, depth - 1);
        } else {
            (depth > 0 ? out.inside : out.outside) += letter;
        }
    }
    return out;
}

bool any_in(const WordSet& words, const Tokens& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (words.contains(tokens[i].folded)) return true;
    return false;
}

std::string joined(const Tokens& tokens, std::size_t begin, std::size_t end) {
    std::string out;
    for (std::size_t i = begin; i < end; ++i) out += tokens[i].folded;
    return out;
}

}  // namespace

std::string quantity_key(std::string_view name) {
    const Tokens tokens(name);
    return joined(tokens, 0, tokens.size());
}

std::vector<std::string> quantity_keys(std::string_view name, const NameWords& words) {
    std::vector<std::string> keys{quantity_key(name)};
    const Parts parts = parts_of(name);
    const Tokens outside(parts.outside);
    if (outside.size() > tokens_max || any_in(words.another, Tokens(parts.inside))) return keys;
    // How many at the start, and from where on to the end, may stand beside it.
    std::size_t first = 0, last = outside.size();
    while (first < outside.size() && (words.beside.contains(outside[first].folded) ||
                                      words.before.contains(outside[first].folded)))
        ++first;
    while (last > 0 && words.beside.contains(outside[last - 1].folded)) --last;
    for (std::size_t length = outside.size(); length > 0; --length)
        for (std::size_t begin = 0; begin <= first && begin + length <= outside.size(); ++begin)
            if (begin + length >= last) keys.push_back(joined(outside, begin, begin + length));
    return keys;
}

}  // namespace consultd
