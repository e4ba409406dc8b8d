#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string>

#include "adapter/stages/consent/rule.h"
#include "adapter/stages/consent/signs.h"
#include "fhir/terminology/system_uris.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;

constexpr std::string_view confidentiality[] = {
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "http://hl7.org/fhir/v3/Confidentiality", "urn:oid:2.16.840.1.113883.5.25"};
constexpr std::string_view sensitivity_codes[] = {
    "http://terminology.hl7.org/CodeSystem/v3-ActCode", "http://hl7.org/fhir/v3/ActCode",
    "urn:oid:2.16.840.1.113883.5.4"};
// From open to closed. https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html
constexpr std::string_view levels[] = {"U", "L", "M", "N", "R", "V"};
constexpr int level_normal = 3;
constexpr int level_unknown = -1;
// Names for one matter: R4 files say ETH where others say SUD; the mental health codes lie below
// one another. https://terminology.hl7.org/CodeSystem-v3-ActCode.html, "information sensitivity".
constexpr std::array<std::string_view, 5> families[] = {
    {"ETH", "SUD", "ETHUD", "OPIOIDUD", "42CFRPart2"},
    {"MH", "PSY", "PSYTHPN", "EMOTDIS", "HIPAAPsyNotes"},
    {"SCA", "SICKLE"},
    {"SDV", "VIO", "MST"},
    {"COGN", "DVD"}};
constexpr std::string_view matters_of_one_name[] = {"GDIS", "HIV", "SEX", "STD"};
constexpr std::string_view therapy_notes[] = {"PSYTHPN", "HIPAAPsyNotes"};
// Labels over others: what carries one of these alone may be of any matter below it.
constexpr std::string_view umbrellas[] = {"SPI", "BH"};
constexpr std::string_view behavioural[] = {"MH",    "PSY",      "PSYTHPN", "SUD",
                                            "ETHUD", "OPIOIDUD", "ETH",     "COGN",
                                            "DVD",   "EMOTDIS",  "SPI",     "BH"};

template <std::size_t n>
bool is_one_of(std::string_view text, const std::string_view (&list)[n]) {
    return std::ranges::find(list, text) != std::end(list);
}

// Of any other label ("RACE", "CEL", one misspelt) nobody here can say what it is on.
bool is_told_by_content(std::string_view label) {
    return is_one_of(label, matters_of_one_name) || is_one_of(label, umbrellas) ||
           std::ranges::any_of(families, [&](const auto& family) {
               return std::ranges::find(family, label) != family.end();
           });
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
bool is_certain(std::string_view system) {
    return system.starts_with("http://") || system.starts_with("https://");
}

// A Consent spells systems as freely as a record does; the record's have been put right before.
std::string canonical(std::string_view system) {
    const auto found = fhir::canonical_system(system);
    return found ? found->uri : std::string(system);
}

std::string plain_icd10(std::string_view code) {
    std::string plain(code);
    std::erase(plain, '.');
    for (char& letter : plain)
        letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return plain;
}

bool is_icd10_code(std::string_view plain) {
    return plain.size() >= 3 &&
           std::ranges::all_of(plain, [](unsigned char letter) { return std::isalnum(letter); });
}

// ICD-10 puts what is below a category behind its letters: F10 covers F10.20. A category is written
// F10.- too, and a block F10-F19; what reads as none of these may mean any.
Match covers_icd10(std::string_view asked, std::string_view found) {
    std::string plain = plain_icd10(asked);
    const std::string code = plain_icd10(found);
    while (plain.ends_with('-')) plain.pop_back();
    const std::size_t dash = std::min(plain.find('-'), plain.size());
    const std::string first = plain.substr(0, dash);
    const std::string last = plain.substr(std::min(dash + 1, plain.size()));
    if (!is_icd10_code(first) || (dash < plain.size() && !is_icd10_code(last)))
        return asked == found ? Match::Yes : Match::Unknown;
    if (last.empty()) return code.starts_with(first) ? Match::Yes : Match::No;
    const bool is_between =
        code.compare(0, first.size(), first) >= 0 && code.compare(0, last.size(), last) <= 0;
    return is_between ? Match::Yes : Match::No;
}

Match same_code(const Coded& asked, const Coded& found) {
    const bool is_by_category = is_icd10(asked.system) || is_icd10(found.system);
    Match covers = is_by_category ? covers_icd10(asked.code, found.code) : Match::No;
    if (asked.code == found.code) covers = Match::Yes;
    if (covers == Match::No || (asked.system == found.system && !asked.system.empty()))
        return covers;
    if (is_icd10(asked.system) && is_icd10(found.system)) return covers;
    const std::string system = canonical(found.system);
    if (asked.system == system && !system.empty()) return covers;
    return is_certain(asked.system) && is_certain(system) ? Match::No : Match::Unknown;
}

// The high-water mark of a resource; without a label, normal: that is what HL7's classification of
// records has for "no reason to say more". A code that is no level counts as the highest; a level
// under a system that we do not know may close a resource, never open it.
int level_of(const Content& content) {
    int highest = level_unknown;
    for (const Coded& label : content.labels) {
        const int level = level_of(label.code);
        if (is_one_of(label.system, confidentiality))
            highest = std::max(
                highest, level == level_unknown ? static_cast<int>(std::size(levels)) : level);
        else if (level > level_normal)
            highest = std::max(highest, level);
    }
    return highest == level_unknown ? level_normal : highest;
}

}  // namespace

bool is_label_system(std::string_view system) {
    return is_one_of(system, sensitivity_codes) || is_one_of(system, confidentiality);
}

bool same_family(std::string_view asked, std::string_view found) {
    if (asked == found) return true;
    // Notes of a psychotherapy are of mental health, but not all of that is such a note; so with
    // sickle cells and what is heritable.
    if (is_one_of(asked, therapy_notes)) return is_one_of(found, therapy_notes);
    if (asked == "GDIS") return found == "SICKLE" || found == "SCA";
    if (is_one_of(asked, umbrellas) && is_one_of(found, behavioural)) return true;
    if (is_one_of(found, umbrellas) && is_one_of(asked, behavioural)) return true;
    return std::ranges::any_of(families, [&](const auto& family) {
        return std::ranges::find(family, asked) != family.end() &&
               std::ranges::find(family, found) != family.end();
    });
}

// To deny, any Coding anywhere in the resource counts; to permit, only what it is about. What is
// told in words alone cannot be compared; but whoever treats the patient must know the allergies,
// so one of those is decided by its words.
Match match_code(JsonView concept_value, RuleType type, const Question& question) {
    const Content& content = question.content;
    Match best = Match::No;
    bool has_code = false;
    for (const JsonView coding : concept_value["coding"].items()) {
        const std::string system = canonical(coding["system"].string());
        const Coded asked{system, coding["code"].string()};
        if (asked.code.empty()) continue;
        has_code = true;
        for (const Coded& found : type == RuleType::Deny ? content.codings : content.main_codes)
            best = std::max(best, same_code(asked, found));
    }
    if (!has_code) return Match::Unknown;  // a text that nobody can compare
    if (type == RuleType::Deny && best != Match::Yes && question.signs)
        best =
            std::max(best, question.signs->match_matter(concept_value, question.resource, content));
    if (best != Match::No || !content.main_code_is_undecidable) return best;
    const bool is_another =
        type == RuleType::Deny && content.type == "AllergyIntolerance" && question.signs &&
        question.signs->is_of_another(concept_value, question.resource, content);
    return is_another ? Match::No : Match::Unknown;
}

// A permit for R covers R and what is more open; a deny of R covers R and what is more closed.
Match match_label(JsonView coding, RuleType type, const Content& content) {
    const std::string_view system = coding["system"].string();
    const std::string_view code = coding["code"].string();
    if (code.empty()) return Match::Unknown;
    const bool is_level = level_of(code) != level_unknown;
    if (is_level && is_one_of(system, confidentiality)) {
        const bool covers = type == RuleType::Deny ? level_of(content) >= level_of(code)
                                                   : level_of(content) <= level_of(code);
        return covers ? Match::Yes : Match::No;
    }
    // "R" of no system, or of one that we do not know, most likely means the level.
    if (is_level && type == RuleType::Deny && level_of(content) >= level_of(code))
        return Match::Yes;
    const bool is_labelled = std::ranges::any_of(content.labels, [&](const Coded& label) {
        // Retired codes of v3-Confidentiality and codes of v3-ActCode name the same matters.
        return type == RuleType::Permit ? label.code == code && label.system == system
                                        : same_family(code, label.code);
    });
    const bool is_known = is_label_system(system);
    const bool is_implied =
        !is_level && (type == RuleType::Deny || is_known) &&
        std::ranges::any_of(content.implied, [&](const Sensitivity::Sign& sign) {
            return same_family(code, sign.row->label);
        });
    if (is_labelled || is_implied) return Match::Yes;
    if (type == RuleType::Permit) return is_known ? Match::No : Match::Unknown;
    // What nobody knows may be of any matter, and what a label is on that nobody knows, may be
    // here.
    const bool may_be = !is_level && (content.has_unknown_code || !is_told_by_content(code));
    return may_be ? Match::Unknown : Match::No;
}

bool is_above_normal(const Content& content) { return level_of(content) > level_normal; }

}  // namespace consultd::consent
