// Whether what is told in words is of another matter than what is told in codes.
#include <algorithm>
#include <array>
#include <set>

#include "adapter/stages/consent/rule.h"
#include "adapter/stages/consent/signs.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;

constexpr std::size_t stem_letters = 5;
// Words of any diagnosis: that two have one of them, says nothing.
constexpr std::array<std::string_view, 20> common = {
    "adver", "aller", "cause", "chron", "condi", "disea", "disor", "effec", "findi", "histo",
    "other", "patie", "react", "sever", "speci", "statu", "subst", "syndr", "unspe", "unkno"};

// Beginnings of the words: "penicillins" is "penicillin".
void add_stems(std::string_view text, std::set<std::string>& stems) {
    const Tokens tokens(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::string_view stem = tokens[i].folded.substr(0, stem_letters);
        if (stem.size() > 2 && std::ranges::find(common, stem) == common.end()) stems.emplace(stem);
    }
}

void add_stems_of(JsonView value, std::set<std::string>& stems) {
    if (value.is_string()) add_stems(value.string(), stems);
    for (const JsonView item : value.items()) add_stems_of(item, stems);
    for (const fhir::JsonMember& member : value.members())
        if (member.name() != "resourceType" && member.name() != "meta" && member.name() != "id")
            add_stems_of(member.value, stems);
}

}  // namespace

bool Signs::is_of_another(JsonView concept_value, JsonView resource, const Content& content) {
    std::set<std::string> asked, found;
    Sensitivity::Signs matters;
    add_stems(concept_value["text"].string(), asked);
    for (const JsonView coding : concept_value["coding"].items()) {
        const std::string_view system = coding["system"].string(), code = coding["code"].string();
        add_stems(coding["display"].string(), asked);
        add_stems(name_in_record(system, code), asked);
        const Sensitivity::Signs& some = of_code(system, code);
        matters.insert(matters.end(), some.begin(), some.end());
    }
    add_stems_of(resource["code"], found);
    if (found.empty() || (asked.empty() && matters.empty())) return false;
    for (const char* const said : {"note", "reaction", "text"}) add_stems_of(resource[said], found);
    const bool shares_word =
        std::ranges::any_of(asked, [&](const std::string& stem) { return found.contains(stem); });
    const bool shares_matter = std::ranges::any_of(matters, [&](const Sensitivity::Sign& asked_of) {
        return std::ranges::any_of(content.implied, [&](const Sensitivity::Sign& sign) {
            return same_family(asked_of.row->label, sign.row->label);
        });
    });
    return !shares_word && !shares_matter;
}

}  // namespace consultd::consent
