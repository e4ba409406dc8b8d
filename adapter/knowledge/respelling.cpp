#include "adapter/knowledge/respelling.h"

#include <algorithm>
#include <cctype>

#include "fhir/base/ascii.h"
#include "fhir/base/text_fold.h"

namespace consultd {
namespace {

bool is_letter(char c) { return is_ascii_letter(c) || static_cast<unsigned char>(c) >= 0x80; }
bool is_of_word(char c) { return is_letter(c) || is_ascii_digit(c); }

// Where the word goes on that a hyphen at `at` breaks over a line; 0: it breaks none.
std::size_t next_line(std::string_view text, std::size_t at) {
    std::size_t hyphen = 0;
    if (text[at] == '-') hyphen = 1;
    if (text.substr(at, 3) == "\xe2\x80\x90") hyphen = 3;
    if (hyphen == 0 || at == 0 || !is_letter(text[at - 1])) return 0;
    std::size_t next = at + hyphen;
    bool is_broken = false;
    while (next < text.size() && std::isspace(static_cast<unsigned char>(text[next])) != 0)
        is_broken |= text[next++] == '\n';
    return is_broken && next < text.size() && is_of_word(text[next]) ? next : 0;
}

std::string without_breaks(std::string_view text) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
        std::size_t hyphen = at;
        while (hyphen > copied && std::isspace(static_cast<unsigned char>(text[hyphen])) != 0)
            --hyphen;
        if (static_cast<unsigned char>(text[hyphen]) == 0x90 && hyphen >= copied + 2) hyphen -= 2;
        const std::size_t next = next_line(text, hyphen);
        if (next == 0) continue;
        out += text.substr(copied, hyphen - copied);
        copied = next;
    }
    return copied == 0 ? out : out.append(text.substr(copied));
}

}  // namespace

std::string without_spelling(std::string_view text, const Tokens& tokens) {
    constexpr std::size_t letters_min = 3,
                          gap_max = 4;  // bytes: ".", a blank, one that is no ASCII
    const auto begin_of = [&](std::size_t i) {
        return static_cast<std::size_t>(tokens[i].written.data() - text.data());
    };
    const auto is_letter = [&](std::size_t i) {
        const std::string_view token = tokens[i].written;
        return token.size() == 1 && std::isalpha(static_cast<unsigned char>(token[0])) != 0;
    };
    std::string out;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < tokens.size();) {
        std::size_t end = i;
        while (end < tokens.size() && is_letter(end) &&
               (end == i || begin_of(end) - begin_of(end - 1) - 1 <= gap_max))
            ++end;
        if (end - i >= letters_min) {
            out += text.substr(copied, begin_of(i) - copied);
            for (std::size_t letter = i; letter < end; ++letter) out += tokens[letter].written;
            copied = begin_of(end - 1) + 1;
        }
        i = std::max(end, i + 1);
    }
    return copied == 0 ? out : out.append(text.substr(copied));
}

std::string respelt(std::string_view text) {
    std::string whole = without_breaks(text);
    std::string latin = with_latin_letters(whole.empty() ? text : whole);
    return latin.empty() ? std::move(whole) : std::move(latin);
}

std::string in_parts(std::string_view label) {
    std::string out;
    for (std::size_t i = 0; i < label.size(); ++i) {
        const char letter = label[i], before = i > 0 ? label[i - 1] : ' ';
        const char after = i + 1 < label.size() ? label[i + 1] : ' ';
        const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
        const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
        const bool parts = (is_small(before) && is_capital(letter)) ||
                           (is_capital(before) && is_capital(letter) && is_small(after)) ||
                           (is_ascii_digit(before) != is_ascii_digit(letter) &&
                            is_ascii_alnum(before) && is_ascii_alnum(letter));
        if (parts) out += ' ';
        const bool is_sign = std::string_view("_-./:+~%").find(letter) != std::string_view::npos;
        out += is_sign ? ' ' : letter;
    }
    return out;
}

}  // namespace consultd
