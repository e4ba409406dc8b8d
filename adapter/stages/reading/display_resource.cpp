// Display of whole resources: what it is, what it says, where it stands.
#include <array>
#include <optional>

#include "adapter/html/date_text.h"
#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/dose.h"
#include "adapter/stages/reading/stage_text.h"
#include "adapter/stages/reading/type_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

// The members that name a resource, in order; most types have one of the first three.
constexpr std::array<std::string_view, 15> item_members = {
    "code",        "vaccineCode",   "event",           "type",        "title",
    "description", "procedureCode", "reasonCode",      "category",    "activity",
    "class",       "summary",       "serviceCategory", "contentType", "serviceType"};

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

std::string allergy_detail(JsonView allergy) {
    std::string out, name = concept_text(allergy["code"]);
    if (name.empty()) name = concept_text(first_of(allergy["reaction"])["substance"]);
    for (const JsonView& reaction : allergy["reaction"].items()) {
        std::string one = concept_text(reaction["substance"]);
        if (one == name) one.clear();
        join(one, ": ", concepts_text(reaction["manifestation"]));
        join(one, ", ", reaction["severity"].string());
        join(one, ", ", concept_text(reaction["exposureRoute"]));
        join(one, ", ", date_text(reaction["onset"].string()));
        join(one, ", ", reaction["description"].string());
        for (const JsonView& note : reaction["note"].items())
            join(one, ", ", note["text"].string());
        join(out, "; ", one);
    }
    return out;
}

std::string family_detail(JsonView history) {
    std::string out;
    for (const JsonView& condition : history["condition"].items()) {
        std::string one = concept_text(condition["code"]);
        const Choice onset = choice_of(condition, "onset");
        const bool is_age = onset.type == "Age" || onset.type == "Range";
        join(one, is_age ? ", onset age " : ", onset ", choice_text(onset));
        join(one, ", ", concept_text(condition["outcome"]));
        if (condition["contributedToDeath"].is_true()) join(one, ", ", "contributed to death");
        for (const JsonView& note : condition["note"].items())
            join(one, ", ", note["text"].string());
        join(out, "; ", one);
    }
    const Choice born = choice_of(history, "born"), age = choice_of(history, "age");
    const Choice dead = choice_of(history, "deceased");
    join(out, "; born ", choice_text(born));
    join(out, "; age ", choice_text(age));
    if (dead.value.is_true()) join(out, "; ", "deceased");
    if (!dead.value.is_bool()) {
        const bool is_age = dead.type == "Age" || dead.type == "Range";
        join(out, "; ",
             (dead.type.empty() ? ""
              : is_age          ? "deceased, age "
                                : "deceased ") +
                 choice_text(dead));
    }
    return out;
}

// What was given against, and which dose of how many; where, and what came of it.
std::string immunization_detail(JsonView immunization) {
    std::string out = quantity_text(immunization["doseQuantity"]);
    for (const JsonView& protocol : immunization["protocolApplied"].items()) {
        std::string one(protocol["series"].string());
        std::string dose = choice_text(choice_of(protocol, "doseNumber"));
        if (!dose.empty()) dose.insert(0, "dose ");
        join(dose, " of ", choice_text(choice_of(protocol, "seriesDoses")));
        join(one, ", ", dose);
        if (const std::string disease = concepts_text(protocol["targetDisease"]); !disease.empty())
            join(one, ", ", "against " + disease);
        join(out, "; ", one);
    }
    join(out, ", ", concept_text(immunization["route"]));
    join(out, ", ", concept_text(immunization["site"]));
    join(out, ", ", concepts_text(immunization["programEligibility"]));
    if (const std::string_view lot = immunization["lotNumber"].string(); !lot.empty())
        join(out, ", ", "lot " + std::string(lot));
    for (const JsonView& reaction : immunization["reaction"].items()) {
        std::string one = "reaction";
        join(one, " ", reaction["detail"]["display"].string());
        join(one, ", ", date_text(reaction["date"].string()));
        join(out, "; ", one);
    }
    return out;
}

std::string medication_detail(const fhir::Resource& resource) {
    const JsonView ordered = resource["dosageInstruction"];
    return dosage_text(ordered.is_null() ? JsonView(resource["dosage"]) : ordered);
}

// What is planned, each with its own status where it has one.
std::string plan_detail(JsonView plan) {
    std::string out;
    for (const JsonView& activity : plan["activity"].items()) {
        const JsonView detail = activity["detail"];
        std::string one = concept_text(detail["code"]);
        if (one.empty()) one = activity["reference"]["display"].string();
        join(one, ": ", detail["description"].string());
        if (detail["doNotPerform"].is_true()) one.insert(0, "do not do this: ");
        join(one, ", ", detail["status"].string());
        join(one, ": ", concept_text(detail["statusReason"]));
        join(out, "; ", one);
        for (const JsonView& note : activity["progress"].items())
            join(out, "; ", note["text"].string());
    }
    return out;
}

std::string goal_detail(JsonView goal) {
    std::string out;
    for (const JsonView& target : goal["target"].items()) {
        std::string one = concept_text(target["measure"]);
        join(one, " ", choice_text(choice_of(target, "detail")));
        if (const std::string due = choice_text(choice_of(target, "due")); !due.empty())
            join(one, ", ", "due " + due);
        join(out, "; ", one);
    }
    return out;
}

std::string risk_detail(JsonView assessment) {
    std::string out;
    for (const JsonView& prediction : assessment["prediction"].items()) {
        std::string one = concept_text(prediction["outcome"]);
        join(one, ", probability ", choice_text(choice_of(prediction, "probability")));
        join(one, ", ", concept_text(prediction["qualitativeRisk"]));
        join(one, ", ", choice_text(choice_of(prediction, "when")));
        join(one, ", ", prediction["rationale"].string());
        join(out, "; ", one);
    }
    return out;
}

// "Question: answer, answer" of each item that has one, those within it too.
void add_answers(std::string& out, JsonView items) {
    for (const JsonView& item : items.items()) {
        std::string answers;
        for (const JsonView& answer : item["answer"].items()) {
            join(answers, ", ", choice_text(choice_of(answer, "value")));
            add_answers(answers, answer["item"]);
        }
        std::string one(item["text"].string());
        if (one.empty()) one = item["linkId"].string();
        if (!answers.empty()) join(out, "; ", one + ": " + answers);
        add_answers(out, item["item"]);
    }
}

std::string condition_detail(JsonView condition) {
    std::string out = concepts_text(condition["bodySite"]);
    join(out, "; ", stages_text(condition));
    join(out, "; ", concept_text(condition["severity"]));
    return out;
}

std::string report_detail(JsonView report) {
    std::string out(report["conclusion"].string());
    join(out, "; ", concepts_text(report["conclusionCode"]));
    return out;
}

// What each vaccine is forecast to be, and when.
std::string recommendation_detail(JsonView recommended) {
    std::string out;
    for (const JsonView& one : recommended["recommendation"].items()) {
        std::string said = concepts_text(one["vaccineCode"]);
        join(said, ": ", concept_text(one["forecastStatus"]));
        for (const JsonView& date : one["dateCriterion"].items()) {
            std::string when = concept_text(date["code"]);
            join(when, " ", date_text(date["value"].string()));
            join(said, ", ", when);
        }
        join(said, ", ", concepts_text(one["forecastReason"]));
        join(out, "; ", said);
    }
    return out;
}

// What an order of food holds: a diet, a supplement, a formula.
std::string nutrition_text(JsonView order) {
    std::string out = concepts_text(order["oralDiet"]["type"]);
    for (const JsonView& supplement : order["supplement"].items()) {
        const std::string type = concept_text(supplement["type"]);
        join(out, "; ", type.empty() ? supplement["productName"].string() : type);
    }
    const JsonView formula = order["enteralFormula"];
    const std::string base = concept_text(formula["baseFormulaType"]);
    join(out, "; ", base.empty() ? formula["baseFormulaProductName"].string() : base);
    return out;
}

constexpr std::size_t name_letters_max = 120;

// What was written, of a message.
std::string message_text(JsonView message) {
    std::string out;
    for (const JsonView& part : message["payload"].items())
        join(out, "; ", choice_text(choice_of(part, "content")));
    return out;
}

// What an assessment found.
std::string findings_text(JsonView assessment, const PacketIndex& index) {
    std::string out;
    for (const JsonView& finding : assessment["finding"].items()) {
        const JsonView found = index.resolve(finding["itemReference"], assessment);
        std::string one = concept_text(finding["itemCodeableConcept"]);
        if (one.empty()) one = concept_text(found["code"]);
        join(out, "; ", one.empty() ? finding["itemReference"]["display"].string() : one);
    }
    return out;
}

// What its questions are called: https://hl7.org/fhir/R4/extension-display.html of the canonical,
// the title of a Questionnaire within; else the last part of the canonical, which is all there is.
std::string questionnaire_text(JsonView response) {
    for (const JsonView& one : response.at("_questionnaire", "extension").items())
        if (one["url"].string() == "http://hl7.org/fhir/StructureDefinition/display")
            return std::string(one["valueString"].string());
    std::string_view canonical = response["questionnaire"].string();
    if (canonical.starts_with('#'))
        for (const JsonView& one : response["contained"].items())
            if (one["id"].string() == canonical.substr(1))
                return std::string(one["title"].string());
    if (canonical.starts_with('#') || canonical.starts_with("urn:")) return {};
    canonical = canonical.substr(0, canonical.find('|'));
    while (canonical.ends_with('/')) canonical.remove_suffix(1);
    return std::string(canonical.substr(canonical.rfind('/') + 1));
}

// The name of what is named by a member that only its type has; empty: it is named as others are.
std::string own_item_text(const fhir::Resource& resource, const PacketIndex& index) {
    const std::string_view type = resource.type();
    const JsonView json = resource.json();
    if (type == "Device") return device_text(json);
    if (type == "AllergyIntolerance" && concept_text(resource["code"]).empty())
        return concept_text(first_of(resource["reaction"])["substance"]);
    if (type == "FamilyMemberHistory") return concept_text(resource["relationship"]);
    if (type == "NutritionOrder") return nutrition_text(json);
    if (type == "QuestionnaireResponse") return questionnaire_text(json);
    if (type == "Communication" || type == "CommunicationRequest")
        return concept_text(resource["topic"]);
    const JsonView reference = resource[type == "DeviceRequest" ? "codeReference" : "device"];
    if (type == "DeviceUseStatement" || type == "DeviceRequest") {
        const std::string text = device_text(index.resolve(reference, json));
        if (!text.empty()) return text;
        if (!reference.is_null()) return std::string(reference["display"].string());
        return concept_text(resource["codeCodeableConcept"]);
    }
    if (type == "ResearchSubject") return reference_text(resource["study"], json, index);
    if (type == "ImmunizationRecommendation") {
        std::string out;
        for (const JsonView& one : resource["recommendation"].items())
            join(out, "; ", concepts_text(one["vaccineCode"]));
        return out;
    }
    if (type == "SupplyRequest") return concept_text(resource["itemCodeableConcept"]);
    if (type == "SupplyDelivery")
        return concept_text(json.at("suppliedItem", "itemCodeableConcept"));
    return {};
}

}  // namespace

std::string item_text(const fhir::Resource& resource, const PacketIndex& index) {
    if (std::string text = own_item_text(resource, index); !text.empty()) return text;
    if (std::string text = medication_text(resource, index); !text.empty()) return text;
    if (resource["name"].is_string()) return std::string(resource["name"].string());
    if (std::string name = name_text(first_of(resource["name"])); !name.empty()) return name;
    for (const std::string_view name : item_members)
        if (std::string text = concepts_text(resource[name]); !text.empty()) return text;
    // What has no name but what it says.
    std::string text = findings_text(resource.json(), index);
    if (text.empty()) text = message_text(resource.json());
    // A text is no name; it stands as what is said.
    return text.size() > name_letters_max ? std::string(type_word(resource.type())) : text;
}

std::string detail_text(const fhir::Resource& resource, const PacketIndex& index) {
    const std::string_view type = resource.type();
    const JsonView json = resource.json();
    if (type == "Observation") return observation_value(json);
    if (type == "AllergyIntolerance") return allergy_detail(json);
    if (type == "FamilyMemberHistory") return family_detail(json);
    if (type == "Immunization") return immunization_detail(json);
    if (type == "DiagnosticReport") return report_detail(json);
    if (type == "ClinicalImpression") {
        std::string out(resource["summary"].string());
        join(out, "; ", findings_text(json, index));
        return out;
    }
    if (type == "Communication" || type == "CommunicationRequest") return message_text(json);
    if (type == "Condition") return condition_detail(json);
    if (type == "Procedure") return concepts_text(resource["bodySite"]);
    if (type == "Goal") return goal_detail(json);
    if (type == "CarePlan") return plan_detail(json);
    if (type == "RiskAssessment") return risk_detail(json);
    if (type == "QuestionnaireResponse") {
        std::string out;
        add_answers(out, resource["item"]);
        return out;
    }
    if (type == "ImmunizationRecommendation") return recommendation_detail(json);
    if (type == "ResearchSubject") {
        const std::string_view actual = resource["actualArm"].string();
        std::string out(actual.empty() ? resource["assignedArm"].string() : actual);
        return out.empty() ? out : (actual.empty() ? "assigned arm " : "arm ") + out;
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
