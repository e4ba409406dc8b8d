#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string>

#include "adapter/stages/consent/rule.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;

constexpr std::string_view confidentiality[] = {
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "http://hl7.org/fhir/v3/Confidentiality", "urn:oid:2.16.840.1.113883.5.25"};
// From open to closed. https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html
constexpr std::string_view levels[] = {"U", "L", "M", "N", "R", "V"};
constexpr int level_normal = 3;
constexpr int level_unknown = -1;
// Names for one matter: R4 files say ETH where others say SUD; the mental health codes lie below
// one another. https://terminology.hl7.org/CodeSystem-v3-ActCode.html, "information sensitivity".
constexpr std::array<std::string_view, 5> families[] = {
    {"ETH", "SUD", "ETHUD", "OPIOIDUD", "42CFRPart2"},
    {"MH", "PSY", "PSYTHPN"},
    {"SCA", "SICKLE"},
    {"SDV", "VIO"}};
constexpr std::string_view behavioural[] = {"MH",       "PSY", "PSYTHPN", "SUD", "ETHUD",
                                            "OPIOIDUD", "ETH", "COGN",    "DVD", "EMOTDIS"};

template <std::size_t n>
bool is_one_of(std::string_view text, const std::string_view (&list)[n]) {
    return std::ranges::find(list, text) != std::end(list);
}

int level_of(std::string_view code) {
    const auto* found = std::ranges::find(levels, code);
    return found == std::end(levels) ? level_unknown : static_cast<int>(found - levels);
}

bool is_icd10(std::string_view system) {
    return system.find("icd-10") != std::string_view::npos ||
           system.ends_with("2.16.840.1.113883.6.90") || system.ends_with("2.16.840.1.113883.6.3");
}

// A name that says for certain which code system it is.
bool is_canonical(std::string_view system) {
    return system.starts_with("http://") || system.starts_with("https://");
}

std::string plain_icd10(std::string_view code) {
    std::string plain(code);
    std::erase(plain, '.');
    for (char& letter : plain)
        letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return plain;
}

Match same_code(const Coded& asked, const Coded& found) {
    // ICD-10 puts what is below a category behind its letters: F10 covers F10.20.
    const bool covers =
        asked.code == found.code ||
        ((is_icd10(asked.system) || is_icd10(found.system)) && asked.code.size() >= 3 &&
         plain_icd10(found.code).starts_with(plain_icd10(asked.code)));
    if (!covers) return Match::No;
    if (asked.system == found.system && !asked.system.empty()) return Match::Yes;
    if (is_icd10(asked.system) && is_icd10(found.system)) return Match::Yes;
    return is_canonical(asked.system) && is_canonical(found.system) ? Match::No : Match::Unknown;
}

bool same_family(std::string_view asked, std::string_view found) {
    if (asked == found) return true;
    if (asked == "BH") return is_one_of(found, behavioural);
    return std::ranges::any_of(families, [&](const auto& family) {
        return std::ranges::find(family, asked) != family.end() &&
               std::ranges::find(family, found) != family.end();
    });
}

// The high-water mark of a resource; without a label, normal: that is what HL7's classification of
// records has for "no reason to say more". A code that is no level counts as the highest.
int level_of(const Content& content) {
    int highest = level_unknown;
    for (const Coded& label : content.labels) {
        if (!is_one_of(label.system, confidentiality)) continue;
        const int level = level_of(label.code);
        highest =
            std::max(highest, level == level_unknown ? static_cast<int>(std::size(levels)) : level);
    }
    return highest == level_unknown ? level_normal : highest;
}

}  // namespace

// To deny, any Coding anywhere in the resource counts; to permit, only what it is about.
Match match_code(JsonView concept_value, RuleType type, const Content& content) {
    Match best = Match::No;
    bool has_code = false;
    for (const JsonView coding : concept_value["coding"].items()) {
        const Coded asked{coding["system"].string(), coding["code"].string()};
        if (asked.code.empty()) continue;
        has_code = true;
        for (const Coded& found : type == RuleType::Deny ? content.codings : content.main_codes)
            best = std::max(best, same_code(asked, found));
    }
    if (!has_code) return Match::Unknown;  // a text that nobody can compare
    if (best == Match::No && content.main_code_is_undecidable) return Match::Unknown;
    return best;
}

// A permit for R covers R and what is more open; a deny of R covers R and what is more closed.
Match match_label(JsonView coding, RuleType type, const Content& content) {
    const std::string_view system = coding["system"].string();
    const std::string_view code = coding["code"].string();
    if (code.empty()) return Match::Unknown;
    if (is_one_of(system, confidentiality) && level_of(code) != level_unknown) {
        const bool covers = type == RuleType::Deny ? level_of(content) >= level_of(code)
                                                   : level_of(content) <= level_of(code);
        return covers ? Match::Yes : Match::No;
    }
    for (const Coded& label : content.labels) {
        if (type == RuleType::Permit && label.code == code && label.system == system)
            return Match::Yes;
        // Retired codes of v3-Confidentiality and codes of v3-ActCode name the same matters.
        if (type == RuleType::Deny && same_family(code, label.code)) return Match::Yes;
    }
    const bool is_implied = type == RuleType::Deny &&
                            std::ranges::any_of(content.implied, [&](std::string_view implied) {
                                return same_family(code, implied);
                            });
    return is_implied ? Match::Yes : Match::No;
}

}  // namespace consultd::consent
