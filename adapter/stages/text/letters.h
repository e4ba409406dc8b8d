// Letters: what bytes mean as text, brought to UTF-8: UTF-16, Windows' and Latin letters, the
// names that HTML has for letters; and the signs that nobody sees. Knows no format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace consultd {

// What is no code point becomes U+FFFD.
void append_letter(std::uint32_t code_point, std::string& out);

enum class ByteOrder : std::uint8_t { Little, Big };
// By its mark, or since in words of Latin letters every second byte is zero.
std::optional<ByteOrder> utf16_order(std::string_view bytes);
std::string from_utf16(std::string_view bytes, ByteOrder order);

// https://encoding.spec.whatwg.org/#windows-1252, which is what "Latin-1" means in practice.
std::uint32_t windows_letter(unsigned char byte);
std::string from_windows(std::string_view bytes);

// The letter at the start of a text after "&": "eacute;", "#233;", "#xe9", "shy". HTML lets the
// semicolon be left out
// (https://html.spec.whatwg.org/multipage/parsing.html#named-character-reference-state). Its length
// counts what it takes of the text; 0: none.
struct Entity {
    std::uint32_t letter = 0;
    std::size_t length = 0;
};
Entity entity_at(std::string_view after_ampersand);

// Without the signs that stand inside a word unseen (a soft hyphen, what joins or parts letters,
// what turns their direction), and each kind of blank as a plain one.
std::string without_unseen(std::string_view text);

// No byte of text is a control character, but for those that break lines and pages.
bool is_text(std::string_view bytes);

}  // namespace consultd
