#include "adapter/stages/consent/first_opinion.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace consultd::consent {
namespace {

using fhir::JsonView;

// They judge or plan, whatever they say: https://hl7.org/fhir/R4/clinicalimpression.html,
// careplan.html, goal.html, riskassessment.html, guidanceresponse.html, requestgroup.html
constexpr std::array<std::string_view, 6> judging = {
    "CarePlan", "ClinicalImpression", "Goal", "GuidanceResponse", "RequestGroup", "RiskAssessment"};

// https://hl7.org/fhir/R4/valueset-request-intent.html: what is an order, is done or in use.
constexpr std::array<std::string_view, 3> not_yet_ordered = {"option", "plan", "proposal"};

// https://hl7.org/fhir/R4/valueset-condition-ver-status.html
constexpr std::array<std::string_view, 3> not_yet_known = {"differential", "provisional",
                                                           "unconfirmed"};

// Of LOINC, the documents that say what was found, given, done or wanted. Whatever else a document
// is, somebody may have concluded in it.
constexpr std::array<std::string_view, 13> primary_documents = {
    "10160-0",  // History of Medication use
    "11369-6",  // History of Immunization
    "11486-8",  // Chemotherapy records
    "11502-2",  // Laboratory report
    "11504-8",  // Surgical operation note
    "28570-0",  // Procedure note
    "28573-4",  // Physician Operation note
    "29762-2",  // Social history
    "30954-2",  // Relevant diagnostic tests/laboratory data
    "34746-8",  // Nurse Note
    "42348-3",  // Advance healthcare directives
    "48765-2",  // Allergies and adverse reactions
    "8716-3",   // Vital signs
};

// https://terminology.hl7.org/CodeSystem-v2-0074.html, the laboratory's: not of cells and tissue.
constexpr std::array<std::string_view, 13> laboratory = {
    "BG", "BLB", "CH", "HM", "IMM", "LAB", "MB", "MCB", "MYC", "PAR", "SR", "TX", "VR"};

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
    return std::ranges::find(words, word) != words.end();
}

bool is_primary_document(JsonView resource) {
    for (const JsonView coding : resource.at("type", "coding").items())
        if (coding["system"].string() == "http://loinc.org" &&
            is_one_of(coding["code"].string(), primary_documents))
            return true;
    // Images are looked at; nobody has to be told what they show.
    const auto contents = resource["content"].items();
    return contents.size() > 0 && std::ranges::all_of(contents, [](JsonView content) {
               const std::string_view type = content.at("attachment", "contentType").string();
               return type.starts_with("image/") || type == "application/dicom";
           });
}

bool is_of_laboratory(JsonView report) {
    bool is_any = false;
    for (const JsonView category : report["category"].items())
        for (const JsonView coding : category["coding"].items()) {
            const std::string_view code = coding["code"].string();
            if (coding["system"].string() == "http://terminology.hl7.org/CodeSystem/v2-0074") {
                if (!is_one_of(code, laboratory)) return false;
                is_any = true;
            }
            is_any |= code == "laboratory" &&
                      coding["system"].string() ==
                          "http://terminology.hl7.org/CodeSystem/observation-category";
        }
    return is_any;
}

bool concludes(JsonView report) {
    return report.has("conclusion") || report.has("conclusionCode") || report.has("presentedForm");
}

}  // namespace

bool is_first_opinion(JsonView resource) {
    const std::string_view type = resource["resourceType"].string();
    if (is_one_of(type, judging)) return true;
    if (type == "DiagnosticReport") return concludes(resource) && !is_of_laboratory(resource);
    if (type == "Composition" || type == "DocumentReference") return !is_primary_document(resource);
    if (type == "Condition")
        for (const JsonView coding : resource.at("verificationStatus", "coding").items())
            if (is_one_of(coding["code"].string(), not_yet_known)) return true;
    return is_one_of(resource["intent"].string(), not_yet_ordered);
}

}  // namespace consultd::consent
