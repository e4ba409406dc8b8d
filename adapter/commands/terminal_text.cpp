#include "adapter/commands/terminal_text.h"

#include <string_view>

namespace consultd::commands {

namespace {

constexpr std::size_t length_max = 300;

// https://unicode.org/reports/tr9/: marks, embeddings, overrides and isolates; line and paragraph
// separators. U+200E, U+200F, U+2028 … U+202E, U+2066 … U+2069.
bool is_direction(std::string_view three) {
    if (!three.starts_with("\xE2\x80") && !three.starts_with("\xE2\x81")) return false;
    const auto last = static_cast<unsigned char>(three[2]);
    if (three[1] == '\x81') return last >= 0xA6 && last <= 0xA9;
    return last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE);
}

// A character is not cut in two.
std::string cut(std::string text) {
    if (text.size() <= length_max) return text;
    std::size_t end = length_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "…";
}

}  // namespace

std::string terminal_text(std::string text) {
    text = cut(std::move(text));
    std::string shown;
    for (std::string_view rest = text; !rest.empty();) {
        const auto byte = static_cast<unsigned char>(rest.front());
        // C1 controls in UTF-8: C2 80 … C2 9F.
        const bool is_c1 =
            byte == 0xC2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xA0;
        const bool is_marked = rest.size() > 2 && is_direction(rest.substr(0, 3));
        const bool is_control = byte < 32 || byte == 127 || is_c1 || is_marked;
        shown += is_control ? ' ' : rest.front();
        rest.remove_prefix(is_marked ? 3 : is_c1 ? 2 : 1);
    }
    return shown;
}

}  // namespace consultd::commands
