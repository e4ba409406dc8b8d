#include "adapter/knowledge/denials.h"

#include <algorithm>

namespace consultd {
namespace {

// A negative result of a virus that is counted is that of a treatment.
constexpr std::string_view counts[] = {"charge", "carga",  "copies", "load",      "pcr",
                                       "rna",    "virale", "viral",  "viruslast", "vl"};

// Behind a comma these say what is so: "denies alcohol, known HIV".
constexpr std::string_view asserting[] = {
    "bekannt", "bekend", "connu", "conocido", "current",  "currently", "has",   "have",  "history",
    "hx",      "is",     "known", "past",     "previous", "prior",     "takes", "used",  "user",
    "uses",    "using",  "was",   "ist",      "est",      "es",        "heeft", "konsum"};

// Between a relative and what is said of them.
constexpr std::string_view telling[] = {
    "a",   "an",    "avait", "died",  "een",   "ein", "eine", "era", "es",  "est", "had",  "has",
    "hat", "heeft", "her",   "his",   "ihr",   "is",  "ist",  "la",  "le",  "sa",  "sein", "si",
    "son", "su",    "the",   "their", "tenia", "un",  "una",  "une", "war", "was"};
// "brother with schizophrenia", but "shares needles with her brother".
constexpr std::string_view having[] = {"avec", "con", "met", "mit", "with"};

void add_words(std::string_view words, std::vector<WordPattern>& to) {
    each_phrase_of(words, [&](std::string_view one) {
        for (WordPattern& pattern : parse_phrase(one)) to.push_back(std::move(pattern));
    });
}

bool is_number(std::string_view word) {
    return std::ranges::all_of(word, [](char letter) { return letter >= '0' && letter <= '9'; });
}

}  // namespace

void Denials::add_denying(std::string_view words) { add_words(words, denying_); }
void Denials::add_beside(std::string_view words) { add_words(words, beside_); }
void Denials::add_kin(std::string_view words) { add_words(words, kin_); }

bool Denials::fits(const std::vector<WordPattern>& words, const Tokens::Token& token) {
    return std::ranges::any_of(words, [&](const WordPattern& word) { return word.fits(token); });
}

bool Denials::are_denied(const Tokens& text, Tokens::Span span,
                         const std::vector<bool>& is_matter) const {
    bool denies = false, denies_part = false, is_list = false;
    for (std::size_t at = span.begin; at < span.end; ++at) {
        // What is denied in a list, is denied at its beginning.
        is_list |= at > span.begin && text[at].before == Tokens::Gap::Comma;
        if (is_list &&
            (!denies || std::ranges::find(asserting, text[at].folded) != std::end(asserting)))
            return false;
        if (std::ranges::find(counts, text[at].folded) != std::end(counts)) return false;
        const bool denies_here = fits(denying_, text[at]);
        if (text[at].before == Tokens::Gap::Comma) denies_part = false;
        if (denies_here && denies_part) return false;  // "not HIV negative"
        denies_part |= denies_here;
        denies |= denies_here;
        if (!denies_here && !is_matter[at] && !is_number(text[at].folded) &&
            !fits(beside_, text[at]))
            return false;
    }
    return denies;
}

bool Denials::hold(const Tokens& text, std::size_t at, const std::vector<bool>& is_matter) const {
    constexpr std::size_t words_max = 30;
    return are_denied(text, text.around(at, Tokens::Gap::Line, words_max), is_matter) ||
           are_denied(text, text.around(at, Tokens::Gap::Comma, words_max), is_matter);
}

bool Denials::are_of_kin(const Tokens& text, std::size_t at,
                         const std::vector<bool>& is_matter) const {
    constexpr std::size_t words_max = 12;
    const Tokens::Span span = text.around(at, Tokens::Gap::Comma, words_max);
    bool names_kin = false;
    for (std::size_t i = span.begin; i < span.end; ++i) {
        const bool is_kin = fits(kin_, text[i]);
        names_kin |= is_kin;
        const auto is_one_of = [&](const auto& words) {
            return std::ranges::find(words, text[i].folded) != std::end(words);
        };
        if (!is_kin && !is_matter[i] && !is_one_of(telling) && (!names_kin || !is_one_of(having)))
            return false;
    }
    return names_kin;
}

}  // namespace consultd
