#include "fhir/resource.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace consultd::fhir {
namespace {

// The concrete resource types of hl7.fhir.r4.core 4.0.1, sorted.
constexpr std::string_view resource_types[] = {"Account",
                                               "ActivityDefinition",
                                               "AdverseEvent",
                                               "AllergyIntolerance",
                                               "Appointment",
                                               "AppointmentResponse",
                                               "AuditEvent",
                                               "Basic",
                                               "Binary",
                                               "BiologicallyDerivedProduct",
                                               "BodyStructure",
                                               "Bundle",
                                               "CapabilityStatement",
                                               "CarePlan",
                                               "CareTeam",
                                               "CatalogEntry",
                                               "ChargeItem",
                                               "ChargeItemDefinition",
                                               "Claim",
                                               "ClaimResponse",
                                               "ClinicalImpression",
                                               "CodeSystem",
                                               "Communication",
                                               "CommunicationRequest",
                                               "CompartmentDefinition",
                                               "Composition",
                                               "ConceptMap",
                                               "Condition",
                                               "Consent",
                                               "Contract",
                                               "Coverage",
                                               "CoverageEligibilityRequest",
                                               "CoverageEligibilityResponse",
                                               "DetectedIssue",
                                               "Device",
                                               "DeviceDefinition",
                                               "DeviceMetric",
                                               "DeviceRequest",
                                               "DeviceUseStatement",
                                               "DiagnosticReport",
                                               "DocumentManifest",
                                               "DocumentReference",
                                               "EffectEvidenceSynthesis",
                                               "Encounter",
                                               "Endpoint",
                                               "EnrollmentRequest",
                                               "EnrollmentResponse",
                                               "EpisodeOfCare",
                                               "EventDefinition",
                                               "Evidence",
                                               "EvidenceVariable",
                                               "ExampleScenario",
                                               "ExplanationOfBenefit",
                                               "FamilyMemberHistory",
                                               "Flag",
                                               "Goal",
                                               "GraphDefinition",
                                               "Group",
                                               "GuidanceResponse",
                                               "HealthcareService",
                                               "ImagingStudy",
                                               "Immunization",
                                               "ImmunizationEvaluation",
                                               "ImmunizationRecommendation",
                                               "ImplementationGuide",
                                               "InsurancePlan",
                                               "Invoice",
                                               "Library",
                                               "Linkage",
                                               "List",
                                               "Location",
                                               "Measure",
                                               "MeasureReport",
                                               "Media",
                                               "Medication",
                                               "MedicationAdministration",
                                               "MedicationDispense",
                                               "MedicationKnowledge",
                                               "MedicationRequest",
                                               "MedicationStatement",
                                               "MedicinalProduct",
                                               "MedicinalProductAuthorization",
                                               "MedicinalProductContraindication",
                                               "MedicinalProductIndication",
                                               "MedicinalProductIngredient",
                                               "MedicinalProductInteraction",
                                               "MedicinalProductManufactured",
                                               "MedicinalProductPackaged",
                                               "MedicinalProductPharmaceutical",
                                               "MedicinalProductUndesirableEffect",
                                               "MessageDefinition",
                                               "MessageHeader",
                                               "MolecularSequence",
                                               "NamingSystem",
                                               "NutritionOrder",
                                               "Observation",
                                               "ObservationDefinition",
                                               "OperationDefinition",
                                               "OperationOutcome",
                                               "Organization",
                                               "OrganizationAffiliation",
                                               "Parameters",
                                               "Patient",
                                               "PaymentNotice",
                                               "PaymentReconciliation",
                                               "Person",
                                               "PlanDefinition",
                                               "Practitioner",
                                               "PractitionerRole",
                                               "Procedure",
                                               "Provenance",
                                               "Questionnaire",
                                               "QuestionnaireResponse",
                                               "RelatedPerson",
                                               "RequestGroup",
                                               "ResearchDefinition",
                                               "ResearchElementDefinition",
                                               "ResearchStudy",
                                               "ResearchSubject",
                                               "RiskAssessment",
                                               "RiskEvidenceSynthesis",
                                               "Schedule",
                                               "SearchParameter",
                                               "ServiceRequest",
                                               "Slot",
                                               "Specimen",
                                               "SpecimenDefinition",
                                               "StructureDefinition",
                                               "StructureMap",
                                               "Subscription",
                                               "Substance",
                                               "SubstanceNucleicAcid",
                                               "SubstancePolymer",
                                               "SubstanceProtein",
                                               "SubstanceReferenceInformation",
                                               "SubstanceSourceMaterial",
                                               "SubstanceSpecification",
                                               "SupplyDelivery",
                                               "SupplyRequest",
                                               "Task",
                                               "TerminologyCapabilities",
                                               "TestReport",
                                               "TestScript",
                                               "ValueSet",
                                               "VerificationResult",
                                               "VisionPrescription"};
static_assert(std::ranges::is_sorted(resource_types));

// Positions in the list, from 1, by tag: a hash table with open addresses, 0 where free.
constexpr std::size_t slots_size = 512;
constexpr auto slots = [] {
    std::array<std::uint8_t, slots_size> made{};
    for (std::size_t i = 0; i < std::size(resource_types); ++i) {
        std::size_t at = JsonView::tag_of(resource_types[i]) % slots_size;
        while (made[at] != 0) at = (at + 1) % slots_size;
        made[at] = static_cast<std::uint8_t>(i + 1);
    }
    return made;
}();
static_assert(std::size(resource_types) < 256);

// The name as our table has it; empty: none of R4's.
std::string_view find_resource_type(std::string_view name) {
    for (std::size_t at = JsonView::tag_of(name) % slots_size; slots[at] != 0;
         at = (at + 1) % slots_size)
        if (resource_types[slots[at] - 1U] == name) return resource_types[slots[at] - 1U];
    return {};
}

}  // namespace

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.';
    });
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
        return c == '_' || c == '~' || is_id({&c, 1});
    });
}

bool is_resource_type(std::string_view name) { return !find_resource_type(name).empty(); }

Result<Resource> Resource::from(Json json) {
    if (!json.is_object()) return Error(ErrorKind::Malformed, "resource is no JSON object");
    const JsonView name = json["resourceType"];
    if (!name.is_string()) return Error(ErrorKind::Malformed, "resource has no resourceType");
    const std::string_view type = find_resource_type(name.string());
    if (type.empty()) return Error(ErrorKind::Malformed, "resourceType is none of FHIR R4");
    if (const JsonMember* id = json.find("id"); id && !is_name(id->value.string()))
        return Error(ErrorKind::Malformed, "resource has an id that is no FHIR id");
    return Resource(std::move(json), type);
}

std::string Resource::key() const {
    std::string out(type());
    if (!id().empty()) {
        out += '/';
        out += id();
    }
    return out;
}

}  // namespace consultd::fhir
