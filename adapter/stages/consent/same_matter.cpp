// Whether what a rule denies by code stands in a resource under another code, or in words.
#include <algorithm>
#include <array>

#include "adapter/stages/consent/rule.h"
#include "adapter/stages/consent/signs.h"
#include "adapter/stages/consent/trace.h"
#include "fhir/terminology/system_uris.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;
using Words = std::vector<std::string>;
using Level = Sensitivity::Level;

// Members whose concepts say how, where and in which form.
constexpr std::array<std::string_view, 12> modes = {
    "bodySite",     "class", "form", "interpretation", "meta", "method",
    "relationship", "route", "site", "status",         "unit", "vaccineCode"};
constexpr std::array<std::string_view, 7> notes = {
    "annotation", "dosage", "dosageInstruction", "div", "note", "payload", "answer"};

template <std::size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::ranges::find(names, name) != names.end();
}

// "hypertension" and "hypertensive", not "hyperthyroidism".
bool is_akin(std::string_view left, std::string_view right) {
    constexpr std::size_t stem_min = 6;
    if (left == right) return true;
    const auto ends = std::ranges::mismatch(left, right);
    const auto shared = static_cast<std::size_t>(ends.in1 - left.begin());
    return shared >= stem_min && shared * 10 >= std::max(left.size(), right.size()) * 6;
}

bool has_word(const Words& words, std::string_view asked) {
    return std::ranges::any_of(words, [&](std::string_view one) { return is_akin(one, asked); });
}

bool has_all(const Words& words, const Words& asked) {
    return std::ranges::all_of(asked, [&](std::string_view one) { return has_word(words, one); });
}

// One of two names has all words of the other, and both the longest of what is denied.
bool may_be_same(const Words& denied, const Words& found) {
    if (denied.empty() || found.empty()) return false;
    const auto longest = std::ranges::max_element(denied, {}, &std::string::size);
    return has_word(found, *longest) && (has_all(found, denied) || has_all(denied, found));
}

bool is_icd10(std::string_view system) { return system.find("icd-10") != std::string_view::npos; }

std::string canonical(std::string_view system) {
    const auto found = fhir::canonical_system(system);
    return found ? found->uri : std::string(system);
}

bool is_comparable(const std::vector<std::string>& asked, std::string_view found) {
    const std::string system = canonical(found);
    return std::ranges::any_of(asked, [&](const std::string& one) {
        return one == system || (is_icd10(one) && is_icd10(system));
    });
}

// Whoever has any of it has the matter, whichever code of a list says so.
bool is_one_matter(const Sensitivity::Row& asked, std::string_view label, std::string_view topic) {
    constexpr std::array<std::string_view, 4> matters = {"HIV", "PSYTHPN", "SDV", "SICKLE"};
    return is_one_of(label, matters) || (!topic.empty() && asked.topic == topic);
}

bool is_same_topic(const Sensitivity::Row& asked, const Sensitivity::Row& found) {
    return same_family(asked.label, found.label) &&
           (asked.topic.empty() || found.topic.empty() || asked.topic == found.topic);
}

}  // namespace

std::vector<std::string_view> Signs::names_of(JsonView concept_value) const {
    std::vector<std::string_view> names{concept_value["text"].string()};
    const auto add_all = [&](const std::vector<std::string>& more) {
        names.insert(names.end(), more.begin(), more.end());
    };
    for (const JsonView coding : concept_value["coding"].items()) {
        names.push_back(coding["display"].string());
        const std::string key =
            std::string(coding["system"].string()) + "|" + std::string(coding["code"].string());
        if (const auto known = names_.find(key); known != names_.end()) add_all(known->second);
        // Of no system, it may be of each.
        for (const auto& [other, known] : names_)
            if (key.starts_with('|') && other != key && other.ends_with(key)) add_all(known);
    }
    std::erase(names, std::string_view());
    std::ranges::sort(names);
    return names;
}

Sensitivity::Signs Signs::of_concept(JsonView concept_value) {
    Sensitivity::Signs signs;
    const auto add = [&](const Sensitivity::Signs& more) {
        signs.insert(signs.end(), more.begin(), more.end());
    };
    add(of_name(concept_value["text"].string()));
    for (const JsonView coding : concept_value["coding"].items()) {
        add(of_code(coding["system"].string(), coding["code"].string()));
        add(of_name(coding["display"].string()));
    }
    return signs;
}

const Signs::Denied& Signs::denied(JsonView concept_value) {
    const JsonView* const where = concept_value["coding"].items().data();
    if (const auto found = denied_.find(where); found != denied_.end()) return found->second;
    Words phrases;
    std::vector<Words> names;
    for (const std::string_view name : names_of(concept_value)) {
        std::ranges::copy(phrases_of_name(name), std::back_inserter(phrases));
        names.push_back(telling_words(name));
    }
    Sensitivity::Signs matters = of_concept(concept_value);
    std::erase_if(matters,
                  [](const Sensitivity::Sign& sign) { return sign.level < Level::Likely; });
    std::vector<std::string> systems;
    for (const JsonView coding : concept_value["coding"].items())
        systems.push_back(canonical(coding["system"].string()));
    return denied_
        .emplace(where,
                 Denied{Phrases(phrases), std::move(names), std::move(matters), std::move(systems)})
        .first->second;
}

// What the tables put under the same matter, and the resource's own labels do.
bool Signs::shares_matter(const Denied& denied, const Content& content) {
    // A code of the same list that says this matter too is another one of it.
    const auto is_told_apart = [&](const Sensitivity::Row& asked, const Sensitivity::Row& found) {
        if (is_one_matter(asked, found.label, found.topic)) return false;
        return std::ranges::any_of(content.codings, [&](const Coded& coded) {
            if (!is_comparable(denied.systems, coded.system)) return false;
            return std::ranges::any_of(of_code(coded.system, coded.code), [&](const auto& sign) {
                return same_family(sign.row->label, found.label);
            });
        });
    };
    return std::ranges::any_of(denied.matters, [&](const Sensitivity::Sign& asked) {
        const bool is_implied = std::ranges::any_of(content.implied, [&](const auto& sign) {
            return sign.level >= Level::Likely && is_same_topic(*asked.row, *sign.row) &&
                   !is_told_apart(*asked.row, *sign.row);
        });
        return is_implied || std::ranges::any_of(content.labels, [&](const Coded& label) {
                   const Sensitivity::Row row{.label = std::string(label.code), .topic = {}};
                   return same_family(asked.row->label, label.code) &&
                          !is_told_apart(*asked.row, row);
               });
    });
}

const std::vector<std::string>& Signs::words_of_name(std::string_view name) {
    if (const auto found = telling_.find(name); found != telling_.end()) return found->second;
    return telling_.emplace(name, telling_words(name)).first->second;
}

Match Signs::match_concept(const Denied& denied, JsonView concept_value) {
    Match best = Match::No;
    const auto codings = concept_value["coding"].items();
    const bool is_compared = std::ranges::any_of(codings, [&](JsonView coding) {
        return is_comparable(denied.systems, coding["system"].string());
    });
    const auto look = [&](std::string_view name) {
        if (name.empty()) return;
        if (denied.phrases.stand_in(name)) best = Match::Yes;
        if (best != Match::No || is_compared) return;
        const Words& found = words_of_name(name);
        if (std::ranges::any_of(denied.names,
                                [&](const Words& one) { return may_be_same(one, found); }))
            best = Match::Unknown;
    };
    look(concept_value["text"].string());
    look(concept_value["display"].string());
    for (const JsonView coding : codings) {
        look(coding["display"].string());
        look(name_in_record(coding["system"].string(), coding["code"].string()));
    }
    return best == Match::No && !is_compared && is_unknown(concept_value) ? Match::Unknown : best;
}

// Of each concept of the resource, in each of its parts.
Match Signs::match_names(const Denied& denied, JsonView value, bool is_note) {
    Match best = Match::No;
    for (const JsonView item : value.items())
        best = std::max(best, match_names(denied, item, is_note));
    if (!value.is_object() || best == Match::Yes) return best;
    const bool is_text = !is_note && value["text"].is_string() && value.size() == 1;
    if (value["coding"].is_array() || is_text ||
        (value["code"].is_string() && value.has("display")))
        return std::max(best, match_concept(denied, value));
    for (const fhir::JsonMember& member : value.members()) {
        const std::string_view name = member.name();
        if (is_one_of(name, modes) || name == "contained") continue;
        best = std::max(best, match_names(denied, member.value, is_note || is_one_of(name, notes)));
    }
    return best;
}

Match Signs::match_matter(JsonView concept_value, JsonView resource, const Content& content) {
    if (content.type == "Patient") return Match::No;  // see filter_patient.cpp
    const Denied& asked = denied(concept_value);
    const Match by_name = match_names(asked, resource, false);
    if (by_name == Match::Yes) return Match::Yes;
    return shares_matter(asked, content) ? Match::Unknown : by_name;
}

}  // namespace consultd::consent
