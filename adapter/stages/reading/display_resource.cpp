// Display of whole resources: what it is, what it says, where it stands.
#include <array>
#include <optional>

#include "adapter/stages/reading/display.h"

namespace consultd {
namespace {

using fhir::JsonView;

void join(std::string& out, std::string_view between, std::string_view more) {
    if (more.empty()) return;
    if (!out.empty()) out += between;
    out += more;
}

// The members that name a resource, in order; most types have one of the first three.
constexpr std::array<std::string_view, 13> item_members = {
    "code",     "vaccineCode", "type",  "title",   "description",     "procedureCode", "reasonCode",
    "category", "activity",    "class", "summary", "serviceCategory", "contentType"};

std::string medication_text(const fhir::Resource& resource, const PacketIndex& index) {
    const Choice medication = choice_of(resource.json(), "medication");
    if (medication.type == "CodeableConcept") return concept_text(medication.value);
    const JsonView target = index.resolve(medication.value, resource.json());
    std::string text = concept_text(target["code"]);
    return text.empty() ? std::string(medication.value["display"].string()) : text;
}

std::string device_text(JsonView device) {
    std::string text(first_of(device["deviceName"])["name"].string());
    if (text.empty()) text = concept_text(device["type"]);
    return text.empty() ? std::string(device["modelNumber"].string()) : text;
}

std::string dose_and_rate(JsonView dosage) {
    const JsonView rate = first_of(dosage["doseAndRate"]);
    std::string out = choice_text(choice_of(rate, "dose"));
    join(out, " at ", choice_text(choice_of(rate, "rate")));
    return out;
}

std::string repeat_text(JsonView timing) {
    if (std::string code = concept_text(timing["code"]); !code.empty()) return code;
    const JsonView repeat = timing["repeat"];
    const std::string_view frequency = repeat["frequency"].number();
    const std::string_view period = repeat["period"].number();
    if (frequency.empty() || period.empty()) return {};
    std::string out(frequency);
    out.append(" per ").append(period).append(" ").append(repeat["periodUnit"].string());
    return out;
}

std::string allergy_detail(JsonView allergy) {
    std::string out;
    for (const JsonView& reaction : allergy["reaction"].items()) {
        std::string one = concepts_text(reaction["manifestation"]);
        join(one, ", ", reaction["severity"].string());
        join(out, "; ", one);
    }
    return out;
}

std::string family_detail(JsonView history) {
    std::string out;
    for (const JsonView& condition : history["condition"].items()) {
        std::string one = concept_text(condition["code"]);
        join(one, ", onset ", choice_text(choice_of(condition, "onset")));
        join(out, "; ", one);
    }
    return out;
}

std::string medication_detail(const fhir::Resource& resource) {
    JsonView dosage = resource["dosageInstruction"];
    if (dosage.is_null()) dosage = resource["dosage"];
    if (resource.type() == "MedicationAdministration") {
        std::string out = quantity_text(dosage["dose"]);
        join(out, " ", concept_text(dosage["route"]));
        return out.empty() ? std::string(dosage["text"].string()) : out;
    }
    return dosage_text(dosage);
}

}  // namespace

std::string dosage_text(JsonView dosages) {
    std::string out;
    for (const JsonView& dosage : dosages.items()) {
        std::string one(dosage["text"].string());
        if (one.empty()) {
            one = dose_and_rate(dosage);
            join(one, " ", concept_text(dosage["route"]));
            join(one, " ", repeat_text(dosage["timing"]));
            if (dosage["asNeededBoolean"].is_true()) join(one, ", ", "as needed");
        }
        join(out, "; ", one);
    }
    return out;
}

std::string item_text(const fhir::Resource& resource, const PacketIndex& index) {
    if (resource.type() == "Device") return device_text(resource.json());
    if (resource.type() == "FamilyMemberHistory") return concept_text(resource["relationship"]);
    if (resource.type() == "DeviceUseStatement") {
        const JsonView device = index.resolve(resource["device"], resource.json());
        std::string text = device_text(device);
        return text.empty() ? std::string(resource["device"]["display"].string()) : text;
    }
    if (std::string text = medication_text(resource, index); !text.empty()) return text;
    if (resource["name"].is_string()) return std::string(resource["name"].string());
    if (std::string name = name_text(first_of(resource["name"])); !name.empty()) return name;
    for (const std::string_view name : item_members)
        if (std::string text = concepts_text(resource[name]); !text.empty()) return text;
    return {};
}

std::string detail_text(const fhir::Resource& resource, const PacketIndex& index) {
    const std::string_view type = resource.type();
    const JsonView json = resource.json();
    if (type == "Observation") return observation_value(json);
    if (type == "AllergyIntolerance") return allergy_detail(json);
    if (type == "FamilyMemberHistory") return family_detail(json);
    if (type == "DiagnosticReport") return std::string(resource["conclusion"].string());
    if (type == "ClinicalImpression") return std::string(resource["summary"].string());
    if (type == "Condition") {
        std::string out = concepts_text(resource["bodySite"]);
        join(out, "; ", concepts_text(first_of(resource["stage"])["summary"]));
        join(out, "; ", concept_text(resource["severity"]));
        return out;
    }
    if (type == "Procedure") return concepts_text(resource["bodySite"]);
    if (type == "Goal") return concept_text(resource["achievementStatus"]);
    if (type == "CarePlan") {
        std::string out;
        for (const JsonView& activity : resource["activity"].items())
            join(out, "; ", concept_text(activity["detail"]["code"]));
        return out;
    }
    if (type == "Encounter") return reference_text(resource["serviceProvider"], json, index);
    if (type.starts_with("Medication")) return medication_detail(resource);
    return {};
}

std::string status_text(const fhir::Resource& resource) {
    std::string out = concept_text(resource["clinicalStatus"]);
    join(out, ", ", concept_text(resource["verificationStatus"]));
    if (out.empty()) out = resource["status"].string();
    if (out.empty()) out = resource["lifecycleStatus"].string();
    return out;
}

}  // namespace consultd
