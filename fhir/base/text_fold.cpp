#include "fhir/base/text_fold.h"

#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>
#include <memory>
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

}  // namespace consultd
