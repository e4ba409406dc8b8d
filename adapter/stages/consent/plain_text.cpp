#include "adapter/stages/consent/plain_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "fhir/base/crypto.h"
#include "fhir/base/utf8.h"

namespace consultd::consent {
namespace {

void append_utf8(std::uint32_t point, std::string& out) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) {
        byte(0xc0 | point >> 6U);
    } else if (point < 0x10000) {
        byte(0xe0 | point >> 12U);
        byte(0x80 | (point >> 6U & 0x3fU));
    } else {
        byte(0xf0 | (point >> 18U & 0x07U));
        byte(0x80 | (point >> 12U & 0x3fU));
        byte(0x80 | (point >> 6U & 0x3fU));
    }
    byte(0x80 | (point & 0x3fU));
}

enum class Order { Little, Big };

std::string from_utf16(std::string_view bytes, Order order) {
    std::string out;
    std::uint32_t high = 0;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        const auto first = static_cast<unsigned char>(bytes[at]);
        const auto second = static_cast<unsigned char>(bytes[at + 1]);
        const std::uint32_t unit =
            order == Order::Little ? second * 256U + first : first * 256U + second;
        if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
        } else if (unit >= 0xdc00 && unit < 0xe000) {
            append_utf8(0x10000 + ((high & 0x3ffU) << 10U) + (unit & 0x3ffU), out);
        } else if (unit != 0xfeff) {
            append_utf8(unit, out);
        }
    }
    return out;
}

// In UTF-16 every second byte of words in Latin letters is zero.
std::optional<Order> utf16_order(std::string_view bytes) {
    if (bytes.starts_with("\xff\xfe")) return Order::Little;
    if (bytes.starts_with("\xfe\xff")) return Order::Big;
    if (bytes.size() < 4 || bytes.size() % 2 != 0) return std::nullopt;
    std::array<std::size_t, 2> zeros{};
    const std::size_t end = std::min<std::size_t>(bytes.size(), 4096);
    for (std::size_t at = 0; at < end; ++at) zeros[at % 2] += bytes[at] == '\0' ? 1 : 0;
    if (zeros[1] * 5 > end * 2 && zeros[0] == 0) return Order::Little;
    if (zeros[0] * 5 > end * 2 && zeros[1] == 0) return Order::Big;
    return std::nullopt;
}

// No byte of text is a control character, but for those that break lines and pages.
bool is_text(std::string_view bytes) {
    return std::ranges::none_of(bytes, [](unsigned char byte) {
        return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f';
    });
}

std::string from_latin1(std::string_view bytes) {
    std::string out;
    for (const char byte : bytes) append_utf8(static_cast<unsigned char>(byte), out);
    return out;
}

// The letter of "&eacute;", "&#233;" or "&#xe9;"; 0 where it is none.
std::uint32_t entity(std::string_view name) {
    std::uint32_t point = 0;
    if (name.starts_with('#')) {
        const bool is_hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
        const std::string_view digits = name.substr(is_hex ? 2 : 1);
        const auto read =
            std::from_chars(digits.data(), digits.data() + digits.size(), point, is_hex ? 16 : 10);
        return read.ec == std::errc() && point < 0x110000 ? point : 0;
    }
    constexpr std::pair<std::string_view, std::uint32_t> named[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", ' '}};
    for (const auto& [known, letter] : named)
        if (known == name) return letter;
    // "eacute", "auml", "ccedil": the letter without its mark, as words are compared.
    for (const std::string_view mark : {"acute", "grave", "circ", "uml", "tilde", "cedil", "ring"})
        if (name.size() == mark.size() + 1 && name.substr(1) == mark)
            return static_cast<unsigned char>(name[0]);
    return 0;
}

// A tag of these begins a new line; one of any other stands inside a word.
bool is_break(std::string_view tag) {
    constexpr std::array<std::string_view, 17> breaks = {
        "br", "p",  "div", "li",    "tr",      "td",   "th",    "h1",       "h2",
        "h3", "h4", "ul",  "table", "section", "item", "title", "paragraph"};
    if (tag.starts_with('/')) tag.remove_prefix(1);
    const std::string name(tag.substr(0, tag.find_first_of(" \t\r\n/")));
    return std::ranges::find(breaks, name) != breaks.end();
}

// Attributes may say words too: alt, title, displayName, value.
void append_attributes(std::string_view tag, std::string& out) {
    for (std::size_t at = tag.find('"'); at != tag.npos;) {
        const std::size_t end = tag.find('"', at + 1);
        if (end == tag.npos) return;
        out += ' ';
        out += tag.substr(at + 1, end - at - 1);
        at = tag.find('"', end + 1);
    }
}

// Rich text: groups and control words away, its escaped letters read.
std::string from_rtf(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const char letter = text[at++];
        if (letter == '{' || letter == '}' || letter == '\r' || letter == '\n') continue;
        if (letter != '\\' || at >= text.size()) {
            out += letter;
            continue;
        }
        if (text[at] == '\'' && at + 2 < text.size()) {
            std::uint32_t point = 0;
            std::from_chars(text.data() + at + 1, text.data() + at + 3, point, 16);
            append_utf8(point, out);
            at += 3;
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0) ++at;
        const std::string_view word = text.substr(begin, at - begin);
        if (word.empty()) {
            out += text[at++] == '~' ? ' ' : text[at - 1];
            continue;
        }
        const std::size_t digits = at;
        if (at < text.size() && text[at] == '-') ++at;
        while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0) ++at;
        if (word == "u") {
            std::int32_t point = 0;
            std::from_chars(text.data() + digits, text.data() + at, point);
            append_utf8(static_cast<std::uint32_t>(point < 0 ? point + 0x10000 : point), out);
            if (at < text.size()) ++at;  // what stands for it where nobody knows it
            continue;
        }
        if (word == "par" || word == "line" || word == "tab" || word == "cell") out += '\n';
        if (at < text.size() && text[at] == ' ') ++at;
    }
    return out;
}

bool is_base64(std::string_view text) {
    return text.size() >= 16 && std::ranges::all_of(text, [](unsigned char letter) {
               return std::isalnum(letter) != 0 || letter == '+' || letter == '/' ||
                      letter == '=' || letter == '\r' || letter == '\n';
           });
}

}  // namespace

std::string without_markup(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::string attributes;
    for (std::size_t at = 0; at < text.size();) {
        const char letter = text[at];
        if (letter == '<' && at + 1 < text.size() &&
            (std::isalpha(static_cast<unsigned char>(text[at + 1])) != 0 ||
             std::string_view("/!?").find(text[at + 1]) != std::string_view::npos)) {
            const std::size_t end = std::min(text.find('>', at), text.size());
            const std::string_view tag = text.substr(at + 1, end - at - 1);
            if (is_break(tag)) out += '\n';
            append_attributes(tag, attributes);
            at = std::min(end + 1, text.size());
            continue;
        }
        const std::size_t end = letter == '&' ? text.find(';', at) : text.npos;
        if (end != text.npos && end - at <= 10) {
            if (const std::uint32_t point = entity(text.substr(at + 1, end - at - 1)); point != 0) {
                append_utf8(point, out);
                at = end + 1;
                continue;
            }
        }
        // A soft hyphen and a joiner stand inside a word.
        if (text.substr(at).starts_with("\xc2\xad") ||
            text.substr(at).starts_with("\xe2\x80\x8b")) {
            at += letter == '\xc2' ? 2 : 3;
            continue;
        }
        out += letter;
        ++at;
    }
    return out + '\n' + attributes;
}

std::optional<std::string> plain_text_of(std::string_view bytes) {
    if (bytes.size() > plain_text_bytes_max) return std::nullopt;
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    std::string text;
    if (const auto order = utf16_order(bytes))
        text = from_utf16(bytes, *order);
    else if (is_text(bytes))
        text = is_utf8(bytes) ? std::string(bytes) : from_latin1(bytes);
    else
        return std::nullopt;
    if (text.starts_with("%PDF-") || !is_text(text)) return std::nullopt;
    if (text.starts_with("{\\rtf")) return from_rtf(text);
    if (is_base64(text)) {
        std::erase_if(text, [](char letter) { return letter == '\r' || letter == '\n'; });
        if (const auto inner = crypto::from_base64(text))
            if (auto words = plain_text_of(*inner)) return text + "\n" + *words;
    }
    return without_markup(text);
}

}  // namespace consultd::consent
