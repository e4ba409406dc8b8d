#include "fhir/base/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>
#include <utility>

#include "fhir/base/utf8.h"

namespace consultd {
namespace {

// One a thread: a Transliterator is not for several at once.
const icu::Transliterator* to_plain_letters() {
    static thread_local const std::unique_ptr<icu::Transliterator> rules = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
            "NFD; [:Nonspacing Mark:] Remove; Latin-ASCII; Lower; NFC", UTRANS_FORWARD, status));
        return U_SUCCESS(status) ? std::move(made) : nullptr;
    }();
    return rules.get();
}

std::string fold(icu::UnicodeString text) {
    const icu::Transliterator* rules = to_plain_letters();
    if (rules == nullptr) return {};
    rules->transliterate(text);
    icu::UnicodeString kept;
    for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1))
        if (u_isalnum(text.char32At(at))) kept.append(text.char32At(at));
    std::string out;
    return kept.toUTF8String(out);
}

icu::UnicodeString unicode_of(std::string_view text) {
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

// The Latin letter, or two, that a sign of another script is read as; empty: none.
std::string read_as(UChar32 letter, const USpoofChecker& confusables,
                    const icu::Normalizer2& compatible) {
    const auto is_plain = [](const std::string& text) {
        return !text.empty() && text.size() <= 2 && std::ranges::all_of(text, [](char one) {
            return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z');
        });
    };
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString text(letter);
    std::string plain, skeleton;
    compatible.normalize(text, status).toUTF8String(plain);
    if (U_SUCCESS(status) && is_plain(plain)) return plain;
    icu::UnicodeString found;
    uspoof_getSkeletonUnicodeString(&confusables, 0, text, found, &status);
    found.toUTF8String(skeleton);
    if (U_FAILURE(status) || !is_plain(skeleton)) return {};
    if (skeleton == "l") return u_isupper(letter) ? "I" : "l";  // one to Unicode, with "1" and "|"
    return skeleton == "rn" ? "m" : skeleton;
}

// Of letters outside Latin and of signs, but for those of East Asia.
std::unordered_map<UChar32, std::string> letters_read_as_latin() {
    std::unordered_map<UChar32, std::string> letters;
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<USpoofChecker, void (*)(USpoofChecker*)> confusables(uspoof_open(&status),
                                                                               uspoof_close);
    const icu::Normalizer2* const compatible = icu::Normalizer2::getNFKCInstance(status);
    if (U_FAILURE(status)) return letters;
    const auto add = [&](UChar32 first, UChar32 last) {
        for (UChar32 letter = first; letter <= last; ++letter)
            if (std::string read = read_as(letter, *confusables, *compatible); !read.empty())
                letters.emplace(letter, std::move(read));
    };
    add(0x0250, 0x1dff);
    add(0x2070, 0x2e7f);
    add(0xa4d0, 0xabff);
    add(0xff21, 0xff5a);
    add(0x10280, 0x10fff);
    add(0x1d400, 0x1d7ff);
    add(0x1f100, 0x1f1ff);
    return letters;
}

bool is_name(std::string_view text) { return text.size() <= 1000 && is_utf8(text); }

}  // namespace

std::string folded(std::string_view text) {
    return is_name(text) ? fold(unicode_of(text)) : std::string();
}

std::string folded_with_digraphs(std::string_view text) {
    if (!is_name(text)) return {};
    UErrorCode status = U_ZERO_ERROR;
    static const std::array<std::pair<const char16_t*, const char16_t*>, 10> digraphs{
        {{u"ä", u"ae"},
         {u"Ä", u"ae"},
         {u"ö", u"oe"},
         {u"Ö", u"oe"},
         {u"ü", u"ue"},
         {u"Ü", u"ue"},
         {u"å", u"aa"},
         {u"Å", u"aa"},
         {u"ø", u"oe"},
         {u"Ø", u"oe"}}};
    static const std::unique_ptr<icu::Transliterator> composed(
        icu::Transliterator::createInstance("NFC", UTRANS_FORWARD, status));
    icu::UnicodeString letters = unicode_of(text);
    if (composed) std::unique_ptr<icu::Transliterator>(composed->clone())->transliterate(letters);
    for (const auto& [letter, pair] : digraphs) letters.findAndReplace(letter, pair);
    return fold(std::move(letters));
}

std::string with_latin_letters(std::string_view text) {
    // Punctuation (U+2000 to U+206F) and Latin with its marks are by far the most of what is no
    // ASCII.
    const auto may_be_other = [](unsigned char byte) { return byte >= 0xc9 && byte != 0xe2; };
    const bool has_signs = text.find("\xe2\x84") != text.npos ||
                           text.find("\xe2\x92") != text.npos || text.find("\xe2\x93") != text.npos;
    if (!has_signs && std::ranges::none_of(text, may_be_other)) return {};
    static const std::unordered_map<UChar32, std::string> latin = letters_read_as_latin();
    const icu::UnicodeString letters = unicode_of(text);
    icu::UnicodeString read;
    bool is_other = false;
    for (std::int32_t at = 0; at < letters.length(); at = letters.moveIndex32(at, 1)) {
        const UChar32 letter = letters.char32At(at);
        const auto found = letter < 0x250 ? latin.end() : latin.find(letter);
        is_other |= found != latin.end();
        if (found == latin.end())
            read.append(letter);
        else
            read.append(unicode_of(found->second));
    }
    std::string out;
    return is_other ? read.toUTF8String(out) : out;
}

}  // namespace consultd
