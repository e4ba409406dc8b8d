#include "adapter/knowledge/problem_signs.h"

#include <algorithm>

namespace consultd {
namespace {

using fhir::JsonView;

// http://hl7.org/fhir/sid/icd-10-cm, http://fhir.de/CodeSystem/bfarm/icd-10-gm,
// urn:oid:2.16.840.1.113883.6.90 and .3, 1.2.276.0.76.5.409 …
bool is_icd10(std::string_view system) {
    constexpr std::string_view parts[] = {"icd-10", "icd10", "113883.6.90", "113883.6.3",
                                          "1.2.276.0.76.5."};
    return std::ranges::any_of(
        parts, [&](std::string_view part) { return system.find(part) != system.npos; });
}

std::string without_dots(std::string_view code) {
    std::string out;
    for (const char letter : code)
        if (letter != '.')
            out += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    return out;
}

}  // namespace

std::string phrases_of(JsonView list) {
    std::string out;
    for (const JsonView one : list.items())
        out.append(out.empty() ? "" : "; ").append(one.string());
    return out;
}

void ProblemSigns::add(JsonView signs) {
    std::string_view rest = signs["icd10"].string();
    while (!rest.empty()) {
        const std::string_view range = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(range.size() + 1, rest.size()));
        const std::string_view begin = range.substr(0, range.find('-'));
        const std::string_view end =
            begin.size() == range.size() ? begin : range.substr(begin.size() + 1);
        ranges_.emplace_back(without_dots(begin), without_dots(end));
    }
    const std::string words = phrases_of(signs["words"]), exact = phrases_of(signs["exact"]),
                      parts = phrases_of(signs["parts"]), with = phrases_of(signs["with"]),
                      without = phrases_of(signs["not"]);
    if (words.empty() && exact.empty() && parts.empty()) return;
    words_.add(++words_added_, {.words = words, .exact = exact, .without = without});
    words_.add(words_added_, {.words = parts, .with = with, .without = without});
}

bool ProblemSigns::holds_code(std::string_view code) const {
    const std::string plain = without_dots(code);
    return std::ranges::any_of(ranges_, [&](const auto& range) {
        const auto& [begin, end] = range;
        return plain >= begin && std::string_view(plain).substr(0, end.size()) <= end;
    });
}

bool ProblemSigns::hold(JsonView code, std::string_view called) const {
    for (const JsonView& coding : code["coding"].items())
        if (is_icd10(coding["system"].string()) && holds_code(coding["code"].string())) return true;
    return !words_.find(Tokens(called)).empty();
}

}  // namespace consultd
