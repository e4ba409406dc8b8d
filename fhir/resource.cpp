#include "fhir/resource.h"

#include <algorithm>

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

}  // namespace

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.';
    });
}

bool is_resource_type(std::string_view name) {
    return std::binary_search(std::begin(resource_types), std::end(resource_types), name);
}

Result<Resource> Resource::from(Json json) {
    if (!json.is_object()) return Error(ErrorKind::Malformed, "resource is no JSON object");
    const JsonView type = json["resourceType"];
    if (!type.is_string()) return Error(ErrorKind::Malformed, "resource has no resourceType");
    if (!is_resource_type(type.string()))
        return Error(ErrorKind::Malformed, "resourceType is none of FHIR R4");
    if (json.has("id") && !is_id(json["id"].string()))
        return Error(ErrorKind::Malformed, "resource has an id that is no FHIR id");
    return Resource(std::move(json));
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
