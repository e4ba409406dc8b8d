#include "fhir/r4/release.h"

#include <algorithm>
#include <array>

namespace consultd::fhir::r4 {
namespace {

// Of the core definitions, with the release in their URL
// (https://hl7.org/fhir/R4/versions.html#versions).
constexpr std::array<std::string_view, 3> other_profiles = {
    "http://hl7.org/fhir/1.0/", "http://hl7.org/fhir/3.0/", "http://hl7.org/fhir/5.0/"};

// Of clinical content, sorted.
constexpr std::array<std::string_view, 17> other_types = {
    "BodySite",                // DSTU2, STU3
    "DeviceDispense",          // R5
    "DeviceUsage",             // R5
    "DeviceUseRequest",        // DSTU2
    "DiagnosticOrder",         // DSTU2
    "EncounterHistory",        // R5
    "GenomicStudy",            // R5
    "ImagingManifest",         // STU3
    "ImagingObjectSelection",  // DSTU2
    "ImagingSelection",        // R5
    "InventoryItem",           // R5
    "MedicationOrder",         // DSTU2
    "NutritionIntake",         // R5
    "ProcedureRequest",        // DSTU2, STU3
    "ReferralRequest",         // DSTU2, STU3
    "Sequence",                // STU3
    "Transport",               // R5
};
static_assert(std::ranges::is_sorted(other_types));

struct TurningMember {
    std::string_view type;
    std::string_view name;
};
constexpr TurningMember turning_members[] = {
    {"AllergyIntolerance", "substance"},          // DSTU2: what it is an allergy to
    {"Communication", "notDone"},                 // STU3
    {"Encounter", "actualPeriod"},                // R5: when it was
    {"Immunization", "notGiven"},                 // STU3
    {"Immunization", "wasNotGiven"},              // DSTU2
    {"MedicationAdministration", "medication"},   // R5: what was given; so below
    {"MedicationAdministration", "notGiven"},     // STU3
    {"MedicationAdministration", "wasNotGiven"},  // DSTU2
    {"MedicationDispense", "medication"},         // R5
    {"MedicationDispense", "notDone"},            // STU3
    {"MedicationRequest", "medication"},          // R5
    {"MedicationStatement", "medication"},        // R5
    {"MedicationStatement", "taken"},             // STU3
    {"MedicationStatement", "wasNotTaken"},       // DSTU2
    {"Procedure", "notDone"},                     // STU3
    {"Procedure", "notPerformed"},                // DSTU2
    {"Procedure", "occurrenceDateTime"},          // R5: when it was done
    {"Procedure", "occurrencePeriod"},            // R5
};

}  // namespace

bool is_of_other_release(JsonView resource) {
    if (std::ranges::binary_search(other_types, resource["resourceType"].string())) return true;
    for (const JsonView profile : resource.at("meta", "profile").items())
        for (const std::string_view other : other_profiles)
            if (profile.string().starts_with(other)) return true;
    return std::ranges::any_of(turning_members, [&](const TurningMember& member) {
        return resource["resourceType"].string() == member.type && resource.has(member.name);
    });
}

}  // namespace consultd::fhir::r4
