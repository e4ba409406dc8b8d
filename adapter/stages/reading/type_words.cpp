#include "adapter/stages/reading/type_words.h"

#include <array>
#include <utility>

namespace consultd {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 43> words{{
    {"AdverseEvent", "Adverse event"},
    {"AllergyIntolerance", "Allergy"},
    {"Appointment", "Appointment"},
    {"Binary", "File"},
    {"BodyStructure", "Body site"},
    {"CarePlan", "Care plan"},
    {"CareTeam", "Care team"},
    {"Claim", "Claim"},
    {"ClinicalImpression", "Clinical impression"},
    {"Communication", "Message"},
    {"Composition", "Document"},
    {"Condition", "Problem"},
    {"Consent", "Consent"},
    {"Coverage", "Insurance"},
    {"DeviceUseStatement", "Device in use"},
    {"DiagnosticReport", "Report"},
    {"DocumentReference", "Document"},
    {"Encounter", "Visit"},
    {"EpisodeOfCare", "Episode of care"},
    {"ExplanationOfBenefit", "Insurance statement"},
    {"FamilyMemberHistory", "Family history"},
    {"Flag", "Alert"},
    {"Goal", "Goal"},
    {"ImagingStudy", "Imaging study"},
    {"Immunization", "Immunization"},
    {"ImmunizationRecommendation", "Immunization advised"},
    {"List", "List"},
    {"Location", "Place"},
    {"Media", "Picture"},
    {"MedicationAdministration", "Medicine given"},
    {"MedicationDispense", "Medicine dispensed"},
    {"MedicationRequest", "Medicine ordered"},
    {"MedicationStatement", "Medicine stated"},
    {"Medication", "Medicine"},
    {"NutritionOrder", "Diet ordered"},
    {"Observation", "Result"},
    {"Practitioner", "Clinician"},
    {"PractitionerRole", "Clinician’s role"},
    {"Provenance", "Record of origin"},
    {"QuestionnaireResponse", "Questionnaire"},
    {"RelatedPerson", "Related person"},
    {"ServiceRequest", "Order"},
    {"SupplyDelivery", "Supply"},
}};

}  // namespace

std::string_view type_word(std::string_view resource_type) {
    for (const auto& [type, word] : words)
        if (type == resource_type) return word;
    return resource_type;
}

}  // namespace consultd
