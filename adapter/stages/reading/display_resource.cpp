// Display of what a resource says, and of its status.
#include <map>

#include "adapter/html/date_text.h"
#include "adapter/stages/reading/attachment_text.h"
#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/display_care.h"
#include "adapter/stages/reading/dose.h"
#include "adapter/stages/reading/extension_text.h"
#include "adapter/stages/reading/product.h"
#include "adapter/stages/reading/stage_text.h"

namespace consultd {
namespace {

using fhir::JsonView;

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

// What it is taken of, how it is taken, and how much was ordered or handed out.
std::string medication_detail(const fhir::Resource& resource, const PacketIndex& index) {
    const JsonView ordered = resource["dosageInstruction"];
    std::string out = product_text(resource, index);
    join(out, "; ", dosage_text(ordered.is_null() ? JsonView(resource["dosage"]) : ordered));
    join(out, "; ", supply_text(resource));
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

// What each question of a Questionnaire is, by its linkId, those within others too.
// https://hl7.org/fhir/R4/questionnaireresponse-definitions.html#QuestionnaireResponse.item.linkId
using Questions = std::map<std::string_view, std::string_view>;
void add_questions(Questions& out, JsonView items) {
    for (const JsonView& item : items.items()) {
        out.emplace(item["linkId"].string(), item["text"].string());
        add_questions(out, item["item"]);
    }
}

// "Question: answer, answer" of each item that has one, those within it too.
void add_answers(std::string& out, JsonView items, const Questions& questions) {
    for (const JsonView& item : items.items()) {
        std::string answers;
        for (const JsonView& answer : item["answer"].items()) {
            join(answers, ", ", choice_text(choice_of(answer, "value")));
            add_answers(answers, answer["item"], questions);
        }
        std::string one(item["text"].string());
        if (const auto asked = questions.find(item["linkId"].string());
            one.empty() && asked != questions.end())
            one = asked->second;
        if (one.empty()) one = item["linkId"].string();
        if (!answers.empty()) join(out, "; ", one + ": " + answers);
        add_answers(out, item["item"], questions);
    }
}

std::string answers_detail(JsonView response, const PacketIndex& index) {
    Questions questions;
    add_questions(questions, index.questionnaire_of(response)["item"]);
    std::string out;
    add_answers(out, response["item"], questions);
    return out;
}

std::string condition_detail(JsonView condition) {
    std::string out = sites_text(condition["bodySite"]);
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
        if (const std::string against = concepts_text(one["contraindicatedVaccineCode"]);
            !against.empty())
            join(said, ", ", "contraindicated: " + against);
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

// What a diet leaves out, and for which allergies.
std::string diet_limits(JsonView order) {
    std::string out = concepts_text(order["excludeFoodModifier"]), allergies;
    if (!out.empty()) out.insert(0, "without ");
    for (const JsonView& one : order["allergyIntolerance"].items())
        join(allergies, ", ", one["display"].string());
    if (!allergies.empty()) join(out, "; ", "allergy: " + allergies);
    return out;
}

// Whether a dose counted, and why not.
std::string evaluation_detail(JsonView evaluation) {
    std::string out = concept_text(evaluation["targetDisease"]);
    join(out, ": ", concept_text(evaluation["doseStatus"]));
    join(out, ", ", concepts_text(evaluation["doseStatusReason"]));
    return out;
}

}  // namespace

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
    if (type == "Procedure") return sites_text(resource["bodySite"]);
    if (type == "Goal") return goal_detail(json);
    if (type == "Composition") return text_of_sections(resource["section"]);
    if (type == "CarePlan") return plan_detail(resource, index);
    if (type == "List") return list_detail(resource, index);
    if (type == "Device") return device_detail(json);
    if (type == "DeviceUseStatement") return device_detail(index.resolve(resource["device"], json));
    if (type == "DetectedIssue") return issue_detail(resource, index);
    if (type == "RiskAssessment") return risk_detail(json);
    if (type == "QuestionnaireResponse") return answers_detail(json, index);
    if (type == "ImmunizationRecommendation") return recommendation_detail(json);
    if (type == "ImmunizationEvaluation") return evaluation_detail(json);
    if (type == "RequestGroup") return actions_detail(json);
    if (type == "NutritionOrder") return diet_limits(json);
    if (type == "ResearchSubject") {
        const std::string_view actual = resource["actualArm"].string();
        std::string out(actual.empty() ? resource["assignedArm"].string() : actual);
        return out.empty() ? out : (actual.empty() ? "assigned arm " : "arm ") + out;
    }
    if (type == "Encounter") return visit_detail(resource, index);
    if (type.starts_with("Medication")) return medication_detail(resource, index);
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
