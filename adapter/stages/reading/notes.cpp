#include "adapter/stages/reading/notes.h"

#include <array>

#include "adapter/stages/reading/attachment_text.h"
#include "adapter/stages/reading/extension_text.h"

namespace consultd {
namespace {

using fhir::JsonView;

// Elements that say more in words or concepts; `label` where the value alone would not be
// understood.
struct Remark {
    std::string_view type, element;  // type empty: of any
    StaticText label;
};
constexpr std::array<Remark, 18> remarks = {
    {{"Procedure", "outcome", "outcome: "},
     {"Procedure", "complication", "complication: "},
     {"Procedure", "followUp", "follow-up: "},
     {"AdverseEvent", "seriousness", "seriousness: "},
     {"AdverseEvent", "severity", "severity: "},
     {"AdverseEvent", "outcome", "outcome: "},
     {"AdverseEvent", "category", "category: "},
     {"AllergyIntolerance", "type", ""},
     {"CarePlan", "description", ""},
     {"Goal", "achievementStatus", ""},
     {"Goal", "outcomeCode", "outcome: "},
     {"ServiceRequest", "patientInstruction", ""},
     {"ClinicalImpression", "description", ""},
     {"ClinicalImpression", "prognosisCodeableConcept", "prognosis: "},
     {"RiskAssessment", "mitigation", "mitigation: "},
     {"DetectedIssue", "detail", ""},
     {"DocumentReference", "description", ""},
     {"Media", "bodySite", "site: "}}};

// Why it stands as it does, of types that have no element for it.
// https://hl7.org/fhir/R4/extension-event-statusreason.html
// https://hl7.org/fhir/R4/extension-allergyintolerance-reasonrefuted.html
// http://hl7.org/fhir/us/mcode/STU2/StructureDefinition-mcode-treatment-termination-reason.html
constexpr std::string_view event_reason =
    "http://hl7.org/fhir/StructureDefinition/event-statusReason";
constexpr std::string_view refused_reason =
    "http://hl7.org/fhir/StructureDefinition/allergyintolerance-reasonRefuted";
constexpr std::string_view termination_reason =
    "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-treatment-termination-reason";

std::string remark_text(JsonView value) {
    if (value.is_string()) return std::string(value.string());
    if (value.is_array()) {
        std::string out;
        for (const JsonView& one : value.items()) join(out, "; ", remark_text(one));
        return out;
    }
    return concept_text(value);
}

}  // namespace

std::string why_text(const fhir::Resource& resource, const PacketIndex& index) {
    std::string out = concepts_text(resource["reasonCode"]);
    for (const JsonView& reference : resource["reasonReference"].items()) {
        std::string reason = concept_text(index.resolve(reference, resource.json())["code"]);
        join(out, "; ", reason.empty() ? reference["display"].string() : reason);
    }
    return out;
}

std::string status_reason(const fhir::Resource& resource) {
    std::string out = concepts_text(resource["statusReason"]);
    join(out, "; ", concept_text(choice_of(resource.json(), "statusReason").value));
    join(out, "; ", concept_text(resource["cancelationReason"]));
    for (const JsonView& extension : resource["extension"].items())
        for (const std::string_view url : {event_reason, refused_reason, termination_reason})
            if (extension["url"].string() == url)
                join(out, "; ", concept_text(extension["valueCodeableConcept"]));
    return out;
}

std::string notes_text(const fhir::Resource& resource, const PacketIndex& index) {
    std::string out;
    for (const Remark& remark : remarks) {
        if (remark.type != resource.type()) continue;
        if (const std::string said = remark_text(resource[remark.element]); !said.empty())
            join(out, "; ", std::string(remark.label.view()) + said);
    }
    for (const JsonView& suspect : resource["suspectEntity"].items())
        if (const std::string name = reference_text(suspect["instance"], resource.json(), index);
            !name.empty())
            join(out, "; ", "suspected: " + name);
    // A narrative that says that it holds more than the rest does.
    // https://hl7.org/fhir/R4/valueset-narrative-status.html
    if (resource["text"]["status"].string() == "additional")
        join(out, "; ", text_of_html(resource["text"]["div"].string()));
    for (const JsonView& note : resource["note"].items()) join(out, "; ", note["text"].string());
    join(out, "; ", extensions_text(resource));
    if (resource.type() != "Observation") return out;
    // Of what is no number the method stands beside the name.
    if (const std::string method = concept_text(resource["method"]);
        !method.empty() && resource.json().has("valueQuantity"))
        join(out, "; ", "method: " + method);
    const JsonView specimen = index.resolve(resource["specimen"], resource.json());
    for (const JsonView& note : specimen["note"].items())
        join(out, "; ", "specimen: " + std::string(note["text"].string()));
    return out;
}

}  // namespace consultd
