#include "adapter/stages/text/tidy.h"

namespace consultd {

std::string tidy(std::string_view text, std::size_t ends_max) {
    std::string out;
    out.reserve(text.size());
    std::size_t ends = ends_max;  // at its start, as after as many as may be
    for (const char letter : text) {
        const bool is_space = letter == ' ' || letter == '\t' || letter == '\r';
        if (is_space && (out.empty() || out.back() == ' ' || out.back() == '\n')) continue;
        if (letter == '\n') {
            while (!out.empty() && out.back() == ' ') out.pop_back();
            if (ends == ends_max) continue;
            ++ends;
        } else if (!is_space) {
            ends = 0;
        }
        out += is_space ? ' ' : letter;
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
    return out;
}

std::string tidy_pages(std::string_view text) {
    constexpr std::size_t wide = 3;
    std::string out;
    std::size_t spaces = 0;
    for (const char letter : text) {
        if (letter == ' ') {
            ++spaces;
            continue;
        }
        if (spaces > 0 && letter != '\n' && letter != '\f' && !out.empty() && out.back() != '\n')
            out += spaces < wide ? " " : "\u2003";
        spaces = 0;
        out += letter == '\f' ? "\n\n" : std::string(1, letter);
    }
    return tidy(out, 2);
}

}  // namespace consultd
