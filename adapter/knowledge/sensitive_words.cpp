#include "adapter/knowledge/sensitive_words.h"

#include <algorithm>
#include <cctype>
#include <iterator>

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

std::string_view last_of(std::string_view text, std::size_t letters) {
    return text.substr(text.size() - std::min(text.size(), letters));
}

template <class Use>
void each_item(std::string_view list, Use use) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find("; "), list.size());
        if (end > 0) use(list.substr(0, end));
        list.remove_prefix(std::min(end + 2, list.size()));
    }
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

}  // namespace

Tokens::Tokens(std::string_view text) {
    std::vector<std::string_view> written;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t begin = at;
        while (at < text.size() && character_at(text, at).is_letter)
            at += character_at(text, at).size;
        at = std::min(at, text.size());
        // The s of "Alzheimer's" is none.
        const bool is_ending = at == begin + 1 && begin > 0 && text[begin] == 's' &&
                               (text[begin - 1] == '\'' || text[begin - 1] == '\x99');
        if (at > begin && !is_ending) written.push_back(text.substr(begin, at - begin));
        if (at < text.size()) at += character_at(text, at).size;
    }
    // Each token twice at most; one that grows beyond this when it is folded, is read as written.
    buffer_.reserve(text.size() * 2 + 16);
    tokens_.reserve(written.size());
    for (const std::string_view one : written) add(one);
}

void Tokens::add(std::string_view written) {
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
    tokens_.push_back({folded_view, keep(without_digraphs(folded_text)), written});
}

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

bool SensitiveWords::Pattern::fits(std::string_view token) const {
    if (kind == Kind::Begins) return token.starts_with(text);
    if (kind == Kind::Ends) return token.ends_with(text);
    return token == text;
}

bool SensitiveWords::Pattern::fits(const Tokens::Token& token) const {
    return fits(token.folded) || (!token.shorter.empty() && fits(token.shorter));
}

SensitiveWords::Phrase SensitiveWords::parse(std::string_view phrase) {
    Phrase out;
    const Tokens tokens(phrase);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        Pattern pattern;
        const auto begin = static_cast<std::size_t>(tokens[i].written.data() - phrase.data());
        const std::size_t end = begin + tokens[i].written.size();
        if (end < phrase.size() && phrase[end] == '*') pattern.kind = Pattern::Kind::Begins;
        if (begin > 0 && phrase[begin - 1] == '*') pattern.kind = Pattern::Kind::Ends;
        pattern.text = tokens[i].folded;
        out.push_back(std::move(pattern));
    }
    return out;
}

std::vector<SensitiveWords::Phrase> SensitiveWords::parse_list(std::string_view phrases) {
    std::vector<Phrase> out;
    each_item(phrases, [&](std::string_view one) { out.push_back(parse(one)); });
    return out;
}

void SensitiveWords::add(Entry entry) {
    if (entry.phrase.empty()) return;
    const Pattern& first = entry.phrase.front();
    const auto number = static_cast<std::uint32_t>(entries_.size());
    if (first.kind == Pattern::Kind::Ends)
        ends_[std::string(last_of(first.text, key_letters))].push_back(number);
    else if (first.kind == Pattern::Kind::Begins)
        begins_[first.text.substr(0, key_letters)].push_back(number);
    else
        whole_[first.text].push_back(number);
    entries_.push_back(std::move(entry));
}

void SensitiveWords::add(Row row, const Phrases& phrases) {
    std::uint16_t company = 0;
    if (!phrases.with.empty() || !phrases.all.empty() || !phrases.without.empty() ||
        phrases.only_medicine) {
        company = static_cast<std::uint16_t>(companies_.size());
        companies_.push_back({parse_list(phrases.with), parse_list(phrases.all),
                              parse_list(phrases.without), phrases.only_medicine});
    }
    each_item(phrases.words, [&](std::string_view one) {
        add({.phrase = parse(one), .exact = {}, .row = row, .company = company});
    });
    each_item(phrases.exact, [&](std::string_view one) {
        add({.phrase = parse(one), .exact = std::string(one), .row = row, .company = company});
    });
}

void SensitiveWords::add_cancels(std::string_view phrases) {
    each_item(phrases, [&](std::string_view one) {
        add({.phrase = parse(one), .exact = {}, .is_cancel = true});
    });
}

bool SensitiveWords::stands_at(const Phrase& phrase, const Tokens& text, std::size_t at) {
    if (at + phrase.size() > text.size()) return false;
    for (std::size_t i = 0; i < phrase.size(); ++i)
        if (!phrase[i].fits(text[at + i])) return false;
    return true;
}

bool SensitiveWords::stands_in(const Phrase& phrase, const Tokens& text) {
    for (std::size_t at = 0; at < text.size(); ++at)
        if (stands_at(phrase, text, at)) return true;
    return false;
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
    const auto try_key = [&](const Index& index, std::string_view key) {
        if (const auto found = index.find(key); found != index.end())
            try_all(found->second, text, at, hits);
    };
    for (const std::string_view word : {token.folded, token.shorter}) {
        if (word.empty()) continue;
        const bool is_second = word.data() == token.shorter.data();
        try_key(whole_, word);
        for (std::size_t letters = 1; letters <= std::min(word.size(), key_letters); ++letters) {
            const std::string_view begin = word.substr(0, letters), end = last_of(word, letters);
            if (!is_second || begin != token.folded.substr(0, letters)) try_key(begins_, begin);
            if (!is_second || end != last_of(token.folded, letters)) try_key(ends_, end);
        }
    }
}

bool SensitiveWords::is_in_company(const Hit& hit, const Tokens& text, bool is_medicine) const {
    const Company& company = companies_[hit.entry->company];
    const auto stands = [&](const Phrase& phrase) { return stands_in(phrase, text); };
    if (company.only_medicine && (!is_medicine || hit.begin != 0 || hit.end != text.size()))
        return false;
    return (company.with.empty() || std::ranges::any_of(company.with, stands)) &&
           std::ranges::all_of(company.all, stands) &&
           std::ranges::none_of(company.without, stands);
}

// A hit is void inside a longer phrase that is no sign. `cancels` is in the order of their begin.
bool SensitiveWords::is_void(const Hit& hit, const std::vector<Hit>& cancels) {
    constexpr std::size_t longest = 8;  // tokens
    const std::size_t first = hit.begin > longest ? hit.begin - longest : 0;
    auto one = std::ranges::lower_bound(cancels, first, {}, &Hit::begin);
    for (; one != cancels.end() && one->begin <= hit.begin; ++one)
        if (hit.end <= one->end && one->end - one->begin > hit.end - hit.begin) return true;
    return false;
}

std::vector<SensitiveWords::Row> SensitiveWords::find(const Tokens& text, bool is_medicine) const {
    std::vector<Hit> hits, cancels;
    for (std::size_t at = 0; at < text.size(); ++at) find_at(text, at, hits);
    std::ranges::copy_if(hits, std::back_inserter(cancels),
                         [](const Hit& hit) { return hit.entry->is_cancel; });
    std::vector<Row> rows;
    for (const Hit& hit : hits)
        if (!hit.entry->is_cancel && std::ranges::find(rows, hit.entry->row) == rows.end() &&
            !is_void(hit, cancels) && is_in_company(hit, text, is_medicine))
            rows.push_back(hit.entry->row);
    return rows;
}

}  // namespace consultd
