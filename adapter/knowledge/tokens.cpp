#include "adapter/knowledge/tokens.h"

#include <algorithm>
#include <cctype>

#include "fhir/base/text_fold.h"

namespace consultd {
namespace {

// Bytes of the character at `at`, and whether it is one of a token. What is not ASCII is a letter,
// but for spaces, dashes, quotation marks and signs.
struct Character {
    std::size_t size;
    bool is_letter;
};
Character character_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t offset) {
        return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return {1, std::isalnum(static_cast<int>(first)) != 0};
    if (first < 0xe0) return {2, first != 0xc2};  // U+0080 to U+00BF
    if (first < 0xf0) {
        const bool is_sign = (first == 0xe2 && byte(1) <= 0x81) ||  // U+2000 to U+207F
                             (first == 0xe3 && byte(1) == 0x80);    // U+3000 to U+303F
        return {3, !is_sign};
    }
    return {4, true};
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) { return (letter & 0x80) == 0; });
}

std::string without_digraphs(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool is_second = token[i] == 'e' && i > 0 &&
                               std::string_view("aou").find(token[i - 1]) != std::string_view::npos;
        if (!is_second) out += token[i];
    }
    return out.size() == token.size() ? std::string() : out;
}

// Of what stands at `at` between two tokens.
Tokens::Gap gap_at(std::string_view text, std::size_t at) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    switch (text[at]) {
        case ',':
            return Tokens::Gap::Comma;
        case '\n':
            return next == '\n' || next == '\r' ? Tokens::Gap::Sentence : Tokens::Gap::Line;
        case '|':
            return Tokens::Gap::Line;
        case ';':
            return Tokens::Gap::Sentence;
        case '.':
        case '!':
        case '?':
            return std::isspace(static_cast<unsigned char>(next)) != 0 ? Tokens::Gap::Sentence
                                                                       : Tokens::Gap::Blank;
        default:
            return Tokens::Gap::Blank;
    }
}

}  // namespace

Tokens::Tokens(std::string_view text) {
    struct Written {
        std::string_view text;
        Gap before;
    };
    std::vector<Written> written;
    std::size_t at = 0;
    Gap gap = Gap::Sentence;
    while (at < text.size()) {
        const std::size_t begin = at;
        while (at < text.size() && character_at(text, at).is_letter)
            at += character_at(text, at).size;
        at = std::min(at, text.size());
        // The s of "Alzheimer's" is none.
        const bool is_ending = at == begin + 1 && begin > 0 && text[begin] == 's' &&
                               (text[begin - 1] == '\'' || text[begin - 1] == '\x99');
        if (at > begin && !is_ending) {
            written.push_back({text.substr(begin, at - begin), gap});
            gap = Gap::Blank;
        }
        if (at >= text.size()) break;
        gap = std::max(gap, gap_at(text, at));
        at += character_at(text, at).size;
    }
    // Each token twice at most; one that grows beyond this when it is folded, is read as written.
    buffer_.reserve(text.size() * 2 + 16);
    tokens_.reserve(written.size());
    for (const Written& one : written) add(one.text, one.before);
}

void Tokens::add(std::string_view written, Gap before) {
    const auto keep = [&](std::string_view text) -> std::string_view {
        if (buffer_.size() + text.size() > buffer_.capacity()) return {};
        const std::size_t begin = buffer_.size();
        buffer_ += text;
        return std::string_view(buffer_).substr(begin);
    };
    std::string folded_text(written);
    if (is_ascii(written))
        std::ranges::transform(folded_text, folded_text.begin(), [](unsigned char letter) {
            return static_cast<char>(std::tolower(letter));
        });
    else if (std::string plain = folded(written); !plain.empty())
        folded_text = std::move(plain);
    std::string_view folded_view = keep(folded_text);
    if (folded_view.empty()) folded_view = written;
    tokens_.push_back({folded_view, keep(without_digraphs(folded_text)), written, before});
}

Tokens::Span Tokens::around(std::size_t at, Gap gap, std::size_t most) const {
    Span span{at, at + 1};
    while (span.begin > 0 && at - span.begin < most && tokens_[span.begin].before < gap)
        --span.begin;
    while (span.end < tokens_.size() && span.end - at <= most && tokens_[span.end].before < gap)
        ++span.end;
    return span;
}

}  // namespace consultd
