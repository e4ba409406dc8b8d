// Letters of ASCII, without a locale: what identifiers, codes and names of elements are made of.
#pragma once

#include <string>
#include <string_view>

namespace consultd {

constexpr bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char to_ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_ascii_letter(char c) {
    const char lower = to_ascii_lower(c);
    return lower >= 'a' && lower <= 'z';
}
constexpr bool is_ascii_alnum(char c) { return is_ascii_letter(c) || is_ascii_digit(c); }

inline std::string ascii_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = to_ascii_lower(c);
    return out;
}

}  // namespace consultd
