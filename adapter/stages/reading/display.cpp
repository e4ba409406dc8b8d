#include "adapter/stages/reading/display.h"

#include <algorithm>

#include "adapter/stages/reading/code_systems.h"
#include "adapter/stages/reading/likeness.h"
#include "adapter/stages/reading/units.h"

namespace consultd {
namespace {

using fhir::JsonView;

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }

bool coding_matches(JsonView concept_value, std::string_view system, std::string_view code) {
    for (const JsonView& coding : concept_value["coding"].items())
        if (coding["code"].string() == code &&
            (system.empty() || coding["system"].string() == system))
            return true;
    return false;
}

std::string range_of(JsonView low, JsonView high) {
    std::string text = quantity_text(low);
    join(text, "–", quantity_text(high));
    return text;
}

// "0.6–1.2 mg/dL", "≥ 13 g/dL"; the range as text where it has no numbers.
std::string bounds_of(JsonView range) {
    const JsonView low = range["low"], high = range["high"];
    const std::string_view text = range["text"].string();
    if (low.is_object() && high.is_object() && low["unit"].string() == high["unit"].string())
        return std::string(low["value"].number()) + "–" + quantity_text(high);
    if (!text.empty()) return std::string(text);
    if (low.is_object() && !high.is_object()) return "≥ " + quantity_text(low);
    if (high.is_object() && !low.is_object()) return "≤ " + quantity_text(high);
    return range_of(low, high);
}

// "SNOMED CT 39579001"; of a system that has no name here the code alone.
std::string code_text(JsonView coding) {
    std::string out(coding["code"].string());
    if (const std::string_view name = system_name(coding["system"].string());
        !out.empty() && !name.empty())
        out.insert(0, std::string(name) + ' ');
    return out;
}

}  // namespace

void join(std::string& out, std::string_view between, std::string_view more) {
    if (more.empty()) return;
    if (!out.empty()) out += between;
    out += more;
}

PacketIndex::PacketIndex(const std::vector<PacketResource>& resources) {
    for (const PacketResource& one : resources) {
        by_url_.emplace(one.full_url, &one);
        if (one.resource.type() == "Questionnaire")
            questionnaires_.emplace(one.resource["url"].string(), &one);
    }
}

JsonView PacketIndex::questionnaire_of(JsonView response) const {
    std::string_view canonical = response["questionnaire"].string();
    if (canonical.starts_with('#')) return contained_in(response, canonical.substr(1));
    canonical = canonical.substr(0, canonical.find('|'));
    const auto found = questionnaires_.find(canonical);
    if (canonical.empty() || found == questionnaires_.end()) return {};
    return found->second->resource.json();
}

const PacketResource* PacketIndex::find(std::string_view full_url) const {
    const auto found = by_url_.find(full_url);
    return found == by_url_.end() ? nullptr : found->second;
}

JsonView PacketIndex::contained_in(JsonView owner, std::string_view id) const {
    constexpr std::size_t few = 16;
    const auto all = owner["contained"].items();
    if (all.size() > few) {
        const auto [known, is_new] = contained_.try_emplace(all.data());
        if (is_new)
            for (const JsonView& one : all) known->second.emplace(one["id"].string(), one);
        const auto found = known->second.find(id);
        return found == known->second.end() ? JsonView() : found->second;
    }
    for (const JsonView& one : all)
        if (one["id"].string() == id) return one;
    return {};
}

JsonView PacketIndex::resolve(JsonView reference, JsonView owner) const {
    const std::string_view text = reference["reference"].string();
    if (text.size() > 1 && text.front() == '#')
        if (const JsonView contained = contained_in(owner, text.substr(1)); !contained.is_null())
            return contained;
    const PacketResource* found = find(text);
    return found ? JsonView(found->resource.json()) : JsonView();
}

Choice choice_of(JsonView object, std::string_view name) {
    for (const fhir::JsonMember& member : object.members()) {
        const std::string_view full = member.name();
        if (full.size() > name.size() && full.starts_with(name) && is_upper(full[name.size()]))
            return {full.substr(name.size()), member.value};
    }
    return {};
}

JsonView first_of(JsonView value) {
    if (!value.is_array()) return value;
    return value.items().empty() ? JsonView() : value.items().front();
}

bool has_code(JsonView concepts, std::string_view system, std::string_view code) {
    if (!concepts.is_array()) return coding_matches(concepts, system, code);
    return std::any_of(concepts.items().begin(), concepts.items().end(),
                       [&](JsonView one) { return coding_matches(one, system, code); });
}

bool has_code(JsonView concepts, std::string_view code) { return has_code(concepts, {}, code); }

std::string concept_text(JsonView value) {
    if (value.is_string()) return std::string(value.string());
    if (const std::string_view text = value["text"].string(); !text.empty())
        return std::string(text);
    if (const std::string_view own = value["display"].string(); !own.empty())
        return std::string(own);
    for (const JsonView& coding : value["coding"].items())
        if (const std::string_view said = coding["display"].string(); !said.empty())
            return std::string(said);
    if (std::string own = code_text(value); !own.empty()) return own;
    for (const JsonView& coding : value["coding"].items())
        if (std::string own = code_text(coding); !own.empty()) return own;
    return {};
}

std::string whole_concept_text(JsonView value) {
    std::string out = concept_text(value), others;
    std::vector<std::string> said{out};
    for (const JsonView& coding : value["coding"].items()) {
        const std::string display(coding["display"].string());
        if (display.empty() || std::ranges::any_of(said, [&](const std::string& one) {
                return is_same_said(one, display);
            }))
            continue;
        join(others, "; ", display);
        said.push_back(display);
    }
    return others.empty() ? out : out + " (" + others + ")";
}

std::string concepts_text(JsonView list) {
    if (!list.is_array()) return concept_text(list);
    std::string out;
    for (const JsonView& one : list.items()) join(out, "; ", concept_text(one));
    return out;
}

std::string quantity_text(JsonView quantity) {
    std::string out(quantity["comparator"].string());
    join(out, " ", quantity["value"].number());
    if (out.empty()) return out;
    const std::string_view unit = quantity["unit"].string();
    const std::string_view code = quantity["code"].string();
    join(out, " ", unit_text(unit.empty() ? code : unit));
    if (are_two_units(unit, code)) join(out, " ", "(code: " + unit_text(code) + ")");
    return out;
}

// https://ucum.org/ucum: brackets, powers of ten and annotations are its spelling for machines.
std::string unit_text(std::string_view unit) {
    struct Spelling {
        std::string_view code, printed;
    };
    constexpr std::array<Spelling, 17> spellings = {{{"{1.73_m2}", "1.73 m²"},
                                                     {"{1.73m2}", "1.73 m²"},
                                                     {"[degF]", "°F"},
                                                     {"[lb_av]", "lb"},
                                                     {"[in_i]", "in"},
                                                     {"mm[Hg]", "mm Hg"},
                                                     {"[pH]", "pH"},
                                                     {"[IU]", "IU"},
                                                     {"10*12/", "10¹²/"},
                                                     {"10*9/", "10⁹/"},
                                                     {"10*6/", "10⁶/"},
                                                     {"10*3/", "10³/"},
                                                     {"x10^9/", "10⁹/"},
                                                     {"x10^3/", "10³/"},
                                                     {"x10^12/", "10¹²/"},
                                                     {"{score}", ""},
                                                     {"/uL", "/µL"}}};
    if (unit == "Cel") return "°C";
    if (unit == "1") return {};  // the unity is not written
    std::string out(unit);
    for (const Spelling& one : spellings)
        if (const std::size_t at = out.find(one.code); at != std::string::npos)
            out.replace(at, one.code.size(), one.printed);
    return out;
}

std::string name_text(JsonView name) {
    std::string given;
    for (const JsonView& part : name["given"].items()) join(given, " ", part.string());
    std::string out(name["family"].string());
    join(out, ", ", given);
    return out.empty() ? std::string(name["text"].string()) : out;
}

std::string reference_text(JsonView reference, JsonView owner, const PacketIndex& index) {
    const JsonView target = index.resolve(reference, owner);
    if (target["name"].is_string()) return std::string(target["name"].string());
    if (std::string name = name_text(first_of(target["name"])); !name.empty()) return name;
    if (target["resourceType"].string() == "PractitionerRole")
        if (std::string name = reference_text(target["practitioner"], target, index); !name.empty())
            return name;
    return std::string(reference["display"].string());
}

std::string choice_text(const Choice& choice) {
    const JsonView value = choice.value;
    if (value.is_number()) return std::string(value.number());
    if (value.is_bool()) return value.is_true() ? "true" : "false";
    if (value.is_string())
        return choice.type.starts_with("Date") || choice.type == "Instant"
                   ? date_text(value.string())
                   : std::string(value.string());
    if (choice.type == "CodeableConcept") return whole_concept_text(value);
    if (choice.type == "Coding") return concept_text(value);
    if (choice.type == "Reference") return std::string(value["display"].string());
    if (choice.type == "Attachment") return std::string(value["title"].string());
    if (choice.type == "Range") return bounds_of(value);
    if (choice.type == "Ratio") {
        std::string out = quantity_text(value["numerator"]);
        join(out, " : ", quantity_text(value["denominator"]));
        return out;
    }
    if (choice.type == "Period") {
        const std::string end = date_text(value["end"].string());
        std::string out = date_text(value["start"].string());
        if (out.empty() && !end.empty()) return "until " + end;
        if (end.empty() && !out.empty()) return "from " + out;
        join(out, " to ", end);
        return out;
    }
    if (choice.type == "SampledData") return "waveform, in the FHIR document";
    return quantity_text(value);
}

std::string observation_value(JsonView observation) {
    std::string out = choice_text(choice_of(observation, "value"));
    if (out.empty()) out = concept_text(observation["dataAbsentReason"]);
    for (const JsonView& component : observation["component"].items()) {
        std::string value = choice_text(choice_of(component, "value"));
        if (value.empty()) value = concept_text(component["dataAbsentReason"]);
        std::string part = concept_text(component["code"]);
        join(part, " ", value);
        join(out, "; ", part);
    }
    return out;
}

// https://hl7.org/fhir/R4/observation-definitions.html#Observation.referenceRange
std::string range_text(JsonView observation) {
    std::string out;
    for (const JsonView& range : observation["referenceRange"].items()) {
        std::string one = bounds_of(range), whom = concepts_text(range["appliesTo"]);
        if (one.empty()) continue;
        if (const std::string age = bounds_of(range["age"]); !age.empty())
            join(whom, ", ", "age " + age);
        if (!whom.empty()) one.append(" (").append(whom).append(")");
        std::string type = has_code(range["type"], "normal") ? "" : concept_text(range["type"]);
        join(type, ": ", one);
        join(out, "; ", type);
    }
    return out;
}

}  // namespace consultd
