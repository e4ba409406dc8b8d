#include "adapter/stages/reading/display.h"

#include <algorithm>

#include "fhir/datetime.h"
#include "fhir/r4/facts.h"

namespace consultd {
namespace {

using fhir::Datetime;
using fhir::JsonView;

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }

void join(std::string& out, std::string_view between, std::string_view more) {
    if (more.empty()) return;
    if (!out.empty()) out += between;
    out += more;
}

bool coding_matches(JsonView concept_value, std::string_view system, std::string_view code) {
    for (const JsonView& coding : concept_value["coding"].items())
        if (coding["code"].string() == code &&
            (system.empty() || coding["system"].string() == system))
            return true;
    return false;
}

std::string_view date_in(const fhir::r4::FoundValue& found) {
    const JsonView value = found.value;
    if (value.is_string()) return found.type == "string" ? std::string_view() : value.string();
    if (found.type == "Period") {
        const std::string_view start = value["start"].string();
        return start.empty() ? value["end"].string() : start;
    }
    return first_of(value["event"]).string();  // of a Timing
}

std::string range_of(JsonView low, JsonView high) {
    std::string text = quantity_text(low);
    join(text, "–", quantity_text(high));
    return text;
}

}  // namespace

PacketIndex::PacketIndex(const std::vector<PacketResource>& resources) {
    for (const PacketResource& resource : resources) by_url_.emplace(resource.full_url, &resource);
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
    for (const std::string_view part : {"display", "code"}) {
        if (const std::string_view own = value[part].string(); !own.empty())
            return std::string(own);
        for (const JsonView& coding : value["coding"].items())
            if (const std::string_view said = coding[part].string(); !said.empty())
                return std::string(said);
    }
    return {};
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
    join(out, " ", unit_text(unit.empty() ? quantity["code"].string() : unit));
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
    if (choice.type == "CodeableConcept") return concept_text(value);
    if (choice.type == "Range") return range_of(value["low"], value["high"]);
    if (choice.type == "Ratio") {
        std::string out = quantity_text(value["numerator"]);
        join(out, " : ", quantity_text(value["denominator"]));
        return out;
    }
    if (choice.type == "Period") {
        std::string out = date_text(value["start"].string());
        if (value.has("end")) join(out, " to ", date_text(value["end"].string()));
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

std::string range_text(JsonView observation) {
    const auto ranges = observation["referenceRange"].items();
    if (ranges.size() != 1) {
        std::string out;
        for (const JsonView& range : ranges) {
            std::string one(range["text"].string());
            if (one.empty()) one = range_of(range["low"], range["high"]);
            std::string type = concept_text(range["type"]);
            join(type, ": ", one);
            join(out, "; ", type);
        }
        return out;
    }
    const JsonView low = ranges[0]["low"], high = ranges[0]["high"];
    if (low.is_object() && high.is_object() && low["unit"].string() == high["unit"].string())
        return std::string(low["value"].number()) + "–" + quantity_text(high);
    if (low.is_object() && !high.is_object()) return "≥ " + quantity_text(low);
    if (high.is_object() && !low.is_object()) return "≤ " + quantity_text(high);
    const std::string_view text = ranges[0]["text"].string();
    return text.empty() ? range_of(low, high) : std::string(text);
}

std::string_view date_of(const fhir::Resource& resource) {
    using fhir::r4::About;
    const fhir::r4::Facts* facts = fhir::r4::find_facts(resource.type());
    if (!facts) return {};
    // In the order of what a reader means by "when". Where a beginning can be said, what is done is
    // its end, and no end stands for when something was.
    const bool begins = !facts->of(About::Init).empty();
    for (const About about :
         {begins ? About::Init : About::Done, About::Planned, About::Recorded, About::Dated})
        for (const fhir::r4::Fact& fact : facts->of(about))
            for (const auto& found : fhir::r4::values_of(resource.json(), fact.element.view()))
                if (const std::string_view date = date_in(found); Datetime::parse(date))
                    return date;
    return {};
}

void sort_newest_first(std::vector<const PacketResource*>& resources) {
    struct Keyed {
        std::optional<Instant> date;
        const PacketResource* resource;
    };
    std::vector<Keyed> keyed;
    keyed.reserve(resources.size());
    for (const PacketResource* one : resources) {
        const auto date = Datetime::parse(date_of(one->resource));
        keyed.push_back({date ? std::optional(date->earliest()) : std::nullopt, one});
    }
    std::sort(keyed.begin(), keyed.end(), [](const Keyed& left, const Keyed& right) {
        if (left.date != right.date) return left.date > right.date;  // none is less than any
        return left.resource->full_url < right.resource->full_url;
    });
    std::transform(keyed.begin(), keyed.end(), resources.begin(),
                   [](const Keyed& one) { return one.resource; });
}

}  // namespace consultd
