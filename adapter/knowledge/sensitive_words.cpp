#include "adapter/knowledge/sensitive_words.h"

#include <algorithm>
#include <iterator>

namespace consultd {
namespace {

// What a phrase says of its words.
std::size_t letters_of(const Phrase& phrase) {
    std::size_t letters = 0;
    for (const WordPattern& word : phrase) letters += word.text.size();
    return letters;
}

constexpr std::size_t near_words = 12;  // to each side, in the same sentence

std::string_view last_of(std::string_view text, std::size_t letters) {
    return text.substr(text.size() - std::min(text.size(), letters));
}

}  // namespace

void SensitiveWords::add(Entry entry, bool turns) {
    if (entry.phrase.empty()) return;
    const WordPattern& first = entry.phrase.front();
    const auto number = static_cast<std::uint32_t>(entries_.size());
    if (first.kind == WordPattern::Kind::Ends)
        ends_.add(last_of(first.text, key_letters), number);
    else if (first.kind == WordPattern::Kind::Begins)
        begins_.add(std::string_view(first.text).substr(0, key_letters), number);
    else
        whole_[first.text].push_back(number);
    for (const WordPattern& word : entry.phrase) {
        if (word.kind == WordPattern::Kind::Whole) words_.insert(word.text);
        if (!entry.is_cancel && word.kind != WordPattern::Kind::Ends)
            misspellings_.add(word.text, word.kind == WordPattern::Kind::Begins);
    }
    if (turns) turned_.add(entry.phrase, number);
    entries_.push_back(std::move(entry));
}

void SensitiveWords::add(Row row, const Phrases& phrases) {
    std::uint16_t company = 0;
    if (!phrases.with.empty() || !phrases.near.empty() || !phrases.all.empty() ||
        !phrases.without.empty() || phrases.otherwise || phrases.only_medicine) {
        company = static_cast<std::uint16_t>(companies_.size());
        companies_.push_back({parse_phrases(phrases.with), parse_phrases(phrases.near),
                              parse_phrases(phrases.all), parse_phrases(phrases.without),
                              phrases.otherwise, phrases.only_medicine});
    }
    each_phrase_of(phrases.words, [&](std::string_view one) {
        add({.phrase = parse_phrase(one), .exact = {}, .row = row, .company = company},
            phrases.turns);
    });
    each_phrase_of(phrases.exact, [&](std::string_view one) {
        add({.phrase = parse_phrase(one),
             .exact = std::string(one),
             .row = row,
             .company = company});
    });
}

void SensitiveWords::add_cancels(std::string_view phrases) {
    each_phrase_of(phrases, [&](std::string_view one) {
        add({.phrase = parse_phrase(one), .exact = {}, .is_cancel = true});
    });
}

void SensitiveWords::add_right(std::string_view words) {
    each_phrase_of(words, [&](std::string_view one) { misspellings_.add_right(one); });
}

void SensitiveWords::add_parts(std::string_view words) {
    each_phrase_of(words, [&](std::string_view one) { parts_.emplace(one); });
}

void SensitiveWords::try_all(const std::vector<std::uint32_t>& entries, const Tokens& text,
                             std::size_t at, std::vector<Hit>& hits) const {
    for (const std::uint32_t number : entries) {
        const Entry& entry = entries_[number];
        if (!stands_at(entry.phrase, text, at)) continue;
        const std::size_t end = at + entry.phrase.size();
        const char* const first = text[at].written.data();
        const char* const last = text[end - 1].written.data() + text[end - 1].written.size();
        if (entry.exact.empty() ||
            std::string_view(first, static_cast<std::size_t>(last - first)) == entry.exact)
            hits.push_back({&entry, at, end});
    }
}

void SensitiveWords::find_at(const Tokens& text, std::size_t at, std::vector<Hit>& hits) const {
    const Tokens::Token& token = text[at];
    const auto try_key = [&](const LetterIndex& index, std::string_view key) {
        if (const auto* const found = index.find(key)) try_all(*found, text, at, hits);
    };
    for (const std::string_view word : {token.folded, token.shorter}) {
        if (word.empty()) continue;
        const bool is_second = word.data() == token.shorter.data();
        if (const auto found = whole_.find(word); found != whole_.end())
            try_all(found->second, text, at, hits);
        for (std::size_t letters = 1; letters <= std::min(word.size(), key_letters); ++letters) {
            const std::string_view begin = word.substr(0, letters), end = last_of(word, letters);
            if (!is_second || begin != token.folded.substr(0, letters)) try_key(begins_, begin);
            if (!is_second || end != last_of(token.folded, letters)) try_key(ends_, end);
        }
    }
}

bool SensitiveWords::is_in_company(const Hit& hit, const Tokens& text, bool is_medicine) const {
    if (hit.entry->company == 0) return true;
    const Company& company = companies_[hit.entry->company];
    const Tokens::Span all{0, text.size()};
    const auto stands = [&](const Phrase& phrase) { return stands_in(phrase, text, all); };
    if (company.only_medicine && (!is_medicine || hit.begin != 0 || hit.end != text.size()))
        return false;
    const auto is_near = [&](const Phrase& phrase) {
        return stands_in(phrase, text, text.around(hit.begin, Tokens::Gap::Sentence, near_words));
    };
    return (company.near.empty() || std::ranges::any_of(company.near, is_near)) &&
           (company.with.empty() || std::ranges::any_of(company.with, stands)) &&
           std::ranges::all_of(company.all, stands) &&
           std::ranges::none_of(company.without, stands);
}

bool SensitiveWords::has_other_reason(const Hit& hit, const Tokens& text) const {
    const auto& otherwise = companies_[hit.entry->company].otherwise;
    return otherwise &&
           otherwise->stands(text, text.around(hit.begin, Tokens::Gap::Sentence, near_words));
}

// A hit is void inside a longer phrase that is no sign, or one that says more of the same words
// ("photophob*" of "*phobia"), a turned one beside any. `cancels` is in the order of their begin.
bool SensitiveWords::is_void(const Hit& hit, const std::vector<Hit>& cancels) {
    constexpr std::size_t longest = 8;  // tokens
    const std::size_t first = hit.begin > longest ? hit.begin - longest : 0;
    auto one = std::ranges::lower_bound(cancels, first, {}, &Hit::begin);
    for (; one != cancels.end() && (one->begin <= hit.begin || hit.is_turned); ++one) {
        if (one->begin >= hit.end) break;
        if (hit.is_turned && one->end > hit.begin) return true;
        if (hit.end > one->end) continue;
        const std::size_t words = one->end - one->begin;
        if (words > hit.end - hit.begin) return true;
        if (words == hit.end - hit.begin &&
            letters_of(one->entry->phrase) > letters_of(hit.entry->phrase))
            return true;
    }
    return false;
}

std::vector<SensitiveWords::Found> SensitiveWords::find(const Tokens& text,
                                                        bool is_medicine) const {
    std::vector<Hit> hits, cancels;
    for (std::size_t at = 0; at < text.size(); ++at) find_at(text, at, hits);
    std::ranges::copy_if(hits, std::back_inserter(cancels),
                         [](const Hit& hit) { return hit.entry->is_cancel; });
    for (const TurnedPhrases::Hit& hit : turned_.find(text))
        hits.push_back({&entries_[hit.number], hit.begin, hit.end, true});
    std::erase_if(hits, [&](const Hit& hit) {
        return hit.entry->is_cancel || is_void(hit, cancels) ||
               !is_in_company(hit, text, is_medicine);
    });
    if (hits.empty()) return {};
    std::vector<bool> is_matter(text.size());
    for (const Hit& hit : hits)
        for (std::size_t at = hit.begin; at < hit.end; ++at) is_matter[at] = true;
    std::vector<Found> found;
    for (const Hit& hit : hits) {
        const auto known = std::ranges::find(found, hit.entry->row, &Found::row);
        if (known != found.end() && !known->is_denied && !known->is_of_kin &&
            !known->has_other_reason)
            continue;
        const Found one{hit.entry->row, denials_.hold(text, hit.begin, is_matter),
                        denials_.are_of_kin(text, hit.begin, is_matter),
                        has_other_reason(hit, text)};
        if (known == found.end()) {
            found.push_back(one);
        } else {
            known->is_denied &= one.is_denied;
            known->is_of_kin &= one.is_of_kin;
            known->has_other_reason &= one.has_other_reason;
        }
    }
    return found;
}

std::string SensitiveWords::corrected(std::string_view text, const Tokens& tokens) const {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        const Tokens::Token& token = tokens[at];
        if (token.folded.size() + 1 < Misspellings::letters_min || words_.contains(token.folded))
            continue;
        const std::string meant = misspellings_.meant_by(token.folded);
        if (meant.empty()) continue;
        const auto begin = static_cast<std::size_t>(token.written.data() - text.data());
        out.append(text.substr(copied, begin - copied)).append(meant);
        copied = begin + token.written.size();
    }
    return copied == 0 ? out : out.append(text.substr(copied));
}

// By itself: a phrase of one word.
bool SensitiveWords::is_sign(std::string_view word) const {
    constexpr std::size_t letters_min = 3, beginning_min = 5;
    if (word.size() < letters_min) return false;
    const auto is_alone = [&](std::uint32_t number) {
        const Entry& entry = entries_[number];
        return !entry.is_cancel && entry.exact.empty() && entry.phrase.size() == 1 &&
               entry.phrase.front().fits(word);
    };
    if (const auto found = whole_.find(word); found != whole_.end())
        if (std::ranges::any_of(found->second, is_alone)) return true;
    if (word.size() < beginning_min) return false;
    const auto* const found = begins_.find(word.substr(0, key_letters));
    return found != nullptr && std::ranges::any_of(*found, is_alone);
}

// Where the parts of a fused word begin, but the first; empty: it is none. The longest first part
// counts; signs alone make no name ("general").
std::vector<std::size_t> SensitiveWords::parts_of(std::string_view word) const {
    constexpr std::size_t fused_min = 5, fused_max = 40;
    if (word.size() < fused_min || word.size() > fused_max) return {};
    std::vector<std::size_t> next(word.size() + 1, 0);  // where the part that begins here ends
    next[word.size()] = word.size();
    for (std::size_t begin = word.size(); begin-- > 0;)
        for (std::size_t end = word.size(); end > begin && next[begin] == 0; --end) {
            const std::string_view part = word.substr(begin, end - begin);
            if (next[end] != 0 && part.size() < word.size() &&
                (parts_.contains(part) || is_sign(part)))
                next[begin] = end;
        }
    std::vector<std::size_t> begins;
    bool has_part = false;
    for (std::size_t at = 0; next[0] != 0 && at < word.size(); at = next[at]) {
        if (at > 0) begins.push_back(at);
        has_part |= parts_.contains(word.substr(at, next[at] - at));
    }
    return has_part ? begins : std::vector<std::size_t>();
}

std::string SensitiveWords::parted(std::string_view text, const Tokens& tokens) const {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        const std::string_view written = tokens[at].written;
        if (written.size() != tokens[at].folded.size()) continue;
        for (const std::size_t begin : parts_of(tokens[at].folded)) {
            const auto here = static_cast<std::size_t>(written.data() - text.data()) + begin;
            out.append(text.substr(copied, here - copied)).append(" ");
            copied = here;
        }
    }
    return copied == 0 ? out : out.append(text.substr(copied));
}

}  // namespace consultd
