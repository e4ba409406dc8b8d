#include "adapter/stages/text/letters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "fhir/base/utf8.h"

namespace consultd {
namespace {

// The names of U+00A0 to U+00FF, which may stand without a semicolon.
constexpr std::array<std::string_view, 96> latin = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

struct Named {
    std::string_view name;
    std::uint32_t letter;
};
constexpr Named marks[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'},
                           {"AMP", '&'}, {"LT", '<'}, {"GT", '>'}, {"QUOT", '"'}};
constexpr Named others[] = {
    {"apos", '\''},     {"NewLine", '\n'},  {"Tab", '\t'},       {"ndash", 0x2013},
    {"mdash", 0x2014},  {"lsquo", 0x2018},  {"rsquo", 0x2019},   {"sbquo", 0x201A},
    {"ldquo", 0x201C},  {"rdquo", 0x201D},  {"bdquo", 0x201E},   {"bull", 0x2022},
    {"hellip", 0x2026}, {"permil", 0x2030}, {"prime", 0x2032},   {"euro", 0x20AC},
    {"trade", 0x2122},  {"larr", 0x2190},   {"uarr", 0x2191},    {"rarr", 0x2192},
    {"darr", 0x2193},   {"minus", 0x2212},  {"infin", 0x221E},   {"asymp", 0x2248},
    {"ne", 0x2260},     {"le", 0x2264},     {"ge", 0x2265},      {"ensp", 0x2002},
    {"emsp", 0x2003},   {"thinsp", 0x2009}, {"zwnj", 0x200C},    {"zwj", 0x200D},
    {"lrm", 0x200E},    {"rlm", 0x200F},    {"NoBreak", 0x2060}, {"ZeroWidthSpace", 0x200B},
    {"OElig", 0x0152},  {"oelig", 0x0153},  {"Scaron", 0x0160},  {"scaron", 0x0161},
    {"Zcaron", 0x017D}, {"zcaron", 0x017E}, {"Yuml", 0x0178},    {"alpha", 0x03B1},
    {"beta", 0x03B2},   {"gamma", 0x03B3},  {"delta", 0x03B4},   {"epsilon", 0x03B5},
    {"kappa", 0x03BA},  {"lambda", 0x03BB}, {"mu", 0x03BC},      {"pi", 0x03C0},
    {"sigma", 0x03C3},  {"omega", 0x03C9},  {"Delta", 0x0394},   {"Omega", 0x03A9}};

constexpr std::array<std::uint16_t, 32> windows = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

// "#233;", "#xE9".
Entity number_at(std::string_view text) {
    const bool is_hex = text.size() > 1 && (text[1] == 'x' || text[1] == 'X');
    const char* const begin = text.data() + (is_hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(begin, text.data() + text.size(), code, is_hex ? 16 : 10);
    if (end == begin) return {};
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc()) code = 0xFFFD;
    if (code >= 0x80 && code < 0xA0) code = windows[code - 0x80];
    return {code == 0 ? 0xFFFD : code, length + (text.substr(length, 1) == ";" ? 1 : 0)};
}

// The longest name that the text begins with and that needs no semicolon.
Entity bare_name_at(std::string_view text) {
    Entity best;
    const auto take = [&](std::string_view name, std::uint32_t letter) {
        if (text.starts_with(name) && name.size() > best.length) best = {letter, name.size()};
    };
    for (std::size_t i = 0; i < latin.size(); ++i)
        take(latin[i], static_cast<std::uint32_t>(0xA0 + i));
    for (const Named& one : marks) take(one.name, one.letter);
    if (best.length > 0 && text.substr(best.length, 1) == ";") ++best.length;
    return best;
}

bool is_unseen(char32_t code) {
    return code == 0xAD || code == 0x34F || code == 0x61C || code == 0x180E ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE0000 && code <= 0xE01EF);
}

bool is_blank(char32_t code) {
    return code == 0xA0 || (code >= 0x2000 && code <= 0x200A) || code == 0x202F || code == 0x205F ||
           code == 0x3000;
}

}  // namespace

void append_letter(std::uint32_t code, std::string& out) {
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) {
        byte(0xC0U | code >> 6U);
    } else {
        if (code < 0x10000) {
            byte(0xE0U | code >> 12U);
        } else {
            byte(0xF0U | code >> 18U);
            byte(0x80U | (code >> 12U & 0x3FU));
        }
        byte(0x80U | (code >> 6U & 0x3FU));
    }
    byte(0x80U | (code & 0x3FU));
}

std::optional<ByteOrder> utf16_order(std::string_view bytes) {
    if (bytes.starts_with("\xff\xfe")) return ByteOrder::Little;
    if (bytes.starts_with("\xfe\xff")) return ByteOrder::Big;
    if (bytes.size() < 4 || bytes.size() % 2 != 0) return std::nullopt;
    std::array<std::size_t, 2> zeros{};
    const std::size_t end = std::min<std::size_t>(bytes.size(), 4096);
    for (std::size_t at = 0; at < end; ++at) zeros[at % 2] += bytes[at] == '\0' ? 1 : 0;
    if (zeros[1] * 5 > end * 2 && zeros[0] == 0) return ByteOrder::Little;
    if (zeros[0] * 5 > end * 2 && zeros[1] == 0) return ByteOrder::Big;
    return std::nullopt;
}

std::string from_utf16(std::string_view bytes, ByteOrder order) {
    std::string out;
    std::uint32_t high = 0;
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
        const auto first = static_cast<unsigned char>(bytes[at]);
        const auto second = static_cast<unsigned char>(bytes[at + 1]);
        const std::uint32_t unit =
            order == ByteOrder::Little ? second * 256U + first : first * 256U + second;
        if (unit >= 0xD800 && unit < 0xDC00) {
            high = unit;
        } else if (unit >= 0xDC00 && unit < 0xE000) {
            append_letter(high == 0 ? 0xFFFD : 0x10000 + ((high & 0x3FFU) << 10U) + (unit & 0x3FFU),
                          out);
            high = 0;
        } else if (unit != 0xFEFF) {
            append_letter(unit, out);
        }
    }
    return out;
}

std::uint32_t windows_letter(unsigned char byte) {
    return byte >= 0x80 && byte < 0xA0 ? windows[byte - 0x80U] : byte;
}

std::string from_windows(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (const char byte : bytes)
        append_letter(windows_letter(static_cast<unsigned char>(byte)), out);
    return out;
}

Entity entity_at(std::string_view text) {
    if (text.starts_with('#')) return number_at(text);
    const std::size_t end = text.substr(0, 16).find(';');
    if (end != text.npos)
        for (const Named& one : others)
            if (text.substr(0, end) == one.name) return {one.letter, end + 1};
    return bare_name_at(text);
}

std::string without_unseen(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        if (static_cast<unsigned char>(text[0]) < 0x80) {
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        char32_t code = 0;
        const std::size_t length = std::max<std::size_t>(decode_utf8(text, code), 1);
        if (is_blank(code))
            out += ' ';
        else if (!is_unseen(code))
            out += text.substr(0, length);
        text.remove_prefix(length);
    }
    return out;
}

bool is_text(std::string_view bytes) {
    return std::ranges::none_of(bytes, [](unsigned char byte) {
        return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f';
    });
}

}  // namespace consultd
