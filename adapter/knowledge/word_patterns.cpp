#include "adapter/knowledge/word_patterns.h"

#include "fhir/base/ascii.h"

namespace consultd {

bool WordPattern::fits(std::string_view token) const {
    if (kind == Kind::Begins) return token.starts_with(text);
    if (kind == Kind::Ends) return token.ends_with(text);
    if (kind == Kind::Number) return std::ranges::all_of(token, is_ascii_digit);
    if (kind == Kind::Year)
        return token.size() == 4 && std::ranges::all_of(token, is_ascii_digit) &&
               (token.starts_with("19") || token.starts_with("20"));
    return token == text;
}

bool WordPattern::fits(const Tokens::Token& token) const {
    return fits(token.folded) || (!token.shorter.empty() && fits(token.shorter));
}

Phrase parse_phrase(std::string_view phrase) {
    Phrase out;
    const Tokens tokens(phrase);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        WordPattern pattern;
        const auto begin = static_cast<std::size_t>(tokens[i].written.data() - phrase.data());
        const std::size_t end = begin + tokens[i].written.size();
        if (end < phrase.size() && phrase[end] == '*') pattern.kind = WordPattern::Kind::Begins;
        if (begin > 0 && phrase[begin - 1] == '*') pattern.kind = WordPattern::Kind::Ends;
        pattern.text = tokens[i].folded;
        if (pattern.text == "nnn") pattern.kind = WordPattern::Kind::Number;
        if (pattern.text == "yyyy") pattern.kind = WordPattern::Kind::Year;
        out.push_back(std::move(pattern));
    }
    return out;
}

std::vector<Phrase> parse_phrases(std::string_view phrases) {
    std::vector<Phrase> out;
    each_phrase_of(phrases, [&](std::string_view one) { out.push_back(parse_phrase(one)); });
    return out;
}

bool stands_at(const Phrase& phrase, const Tokens& text, std::size_t at) {
    if (at + phrase.size() > text.size()) return false;
    for (std::size_t i = 0; i < phrase.size(); ++i)
        if (!phrase[i].fits(text[at + i])) return false;
    return true;
}

bool stands_in(const Phrase& phrase, const Tokens& text, Tokens::Span span) {
    for (std::size_t at = span.begin; at < span.end; ++at)
        if (at + phrase.size() <= span.end && stands_at(phrase, text, at)) return true;
    return false;
}

}  // namespace consultd
