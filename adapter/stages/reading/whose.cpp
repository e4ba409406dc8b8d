#include "adapter/stages/reading/whose.h"

#include <algorithm>

namespace consultd {
namespace {

using fhir::JsonView;

constexpr StaticText another = "somebody or something else";

// What led to another person's record was taken out, and says so.
// https://hl7.org/fhir/R4/valueset-data-absent-reason.html
bool is_masked(JsonView reference) {
    return std::ranges::any_of(reference["extension"].items(), [](const JsonView& one) {
        return one["valueCode"].string() == "masked";
    });
}

std::string of_focus(JsonView focus, const fhir::Resource& observation, const PacketIndex& index,
                     std::string_view patient) {
    constexpr std::string_view own[] = {"Condition",  "Procedure",        "BodyStructure",
                                        "Encounter",  "DiagnosticReport", "Specimen",
                                        "Observation"};
    const std::string_view url = focus["reference"].string();
    if (!url.empty() && url == patient) return {};
    const JsonView target = index.resolve(focus, observation.json());
    std::string_view type = target["resourceType"].string();
    if (type.empty()) type = focus["type"].string();
    if (type.empty()) type = url.substr(0, url.find('/'));
    if (std::ranges::find(own, type) != std::end(own)) return {};
    std::string name = reference_text(focus, observation.json(), index);
    if (name.empty()) name = concept_text(first_of(target["relationship"]));
    return name.empty() ? std::string(another.view()) : name;
}

// A specimen may be of a place or a substance, which is where the patient's own culture was taken;
// of another person or a group it is not the patient's.
std::string of_specimen(const fhir::Resource& observation, const PacketIndex& index,
                        std::string_view patient) {
    const JsonView reference = observation["specimen"];
    if (is_masked(reference)) return "its specimen is another person's";
    const JsonView specimen = index.resolve(reference, observation.json());
    const JsonView subject = specimen["subject"];
    if (is_masked(subject)) return "its specimen is another person's";
    const std::string_view url = subject["reference"].string();
    if (url.empty() || url == patient) return {};
    std::string_view type = index.resolve(subject, specimen)["resourceType"].string();
    if (type.empty()) type = subject["type"].string();
    if (type.empty()) type = url.substr(0, url.find('/'));
    if (type != "Patient" && type != "Group") return {};
    const std::string name = reference_text(subject, specimen, index);
    return "its specimen is of " + (name.empty() ? std::string(another.view()) : name);
}

}  // namespace

std::string whose(const fhir::Resource& observation, const PacketIndex& index,
                  std::string_view patient) {
    std::string out;
    for (const JsonView& focus : observation["focus"].items())
        join(out, ", ", of_focus(focus, observation, index, patient));
    for (const JsonView& one : observation["extension"].items())
        if (one["url"].string() ==
            "http://hl7.org/fhir/StructureDefinition/observation-focusCode") {
            const std::string name = concept_text(one["valueCodeableConcept"]);
            join(out, ", ", name.empty() ? another.view() : std::string_view(name));
        }
    join(out, ", ", of_specimen(observation, index, patient));
    return out;
}

std::vector<StandingWord> specimen_words(const fhir::Resource& observation,
                                         const PacketIndex& index) {
    const JsonView specimen = index.resolve(observation["specimen"], observation.json());
    const std::string_view status = specimen["status"].string();
    std::vector<StandingWord> out;
    if (status == "unsatisfactory") out.push_back({Standing::Unclear, "specimen unsatisfactory"});
    if (status == "entered-in-error")
        out.push_back({Standing::Unclear, "specimen entered in error"});
    if (const std::string said = concepts_text(specimen["condition"]); !said.empty())
        out.push_back({Standing::Fact, "specimen: " + said});
    return out;
}

}  // namespace consultd
