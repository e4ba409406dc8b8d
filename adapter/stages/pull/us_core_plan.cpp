// The table of searches. Rows of source UsCore: the server CapabilityStatements of US Core 6.1
// and 7.0, combinations a server SHALL support (http://hl7.org/fhir/us/core/STU6.1/, …/STU7/), and
// for `status`
// https://hl7.org/fhir/us/core/STU7/general-requirements.html#search-for-servers-requiring-status.
// Rows of source Compartment: types of the R4 patient compartment beyond US Core, worth one search
// where declared (https://hl7.org/fhir/R4/compartmentdefinition-patient.html).
#include "adapter/stages/pull/plan.h"

namespace consultd {
namespace {

#define OC "http://terminology.hl7.org/CodeSystem/observation-category|"
#define UC "http://hl7.org/fhir/us/core/CodeSystem/us-core-category|"

// Observation categories of US Core's profiles, and the whole of R4's observation-category
// (https://hl7.org/fhir/R4/codesystem-observation-category.html).
constexpr const char* observation_categories[] = {OC "laboratory",
                                                  OC "vital-signs",
                                                  OC "social-history",
                                                  OC "survey",
                                                  OC "imaging",
                                                  OC "procedure",
                                                  OC "exam",
                                                  OC "therapy",
                                                  OC "activity",
                                                  UC "sdoh",
                                                  UC "functional-status",
                                                  UC "disability-status",
                                                  UC "cognitive-status",
                                                  UC "treatment-intervention-preference",
                                                  UC "care-experience-preference"};
#undef OC
#undef UC
constexpr const char* condition_categories[] = {
    "http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item",
    "http://terminology.hl7.org/CodeSystem/condition-category|encounter-diagnosis",
    "http://hl7.org/fhir/us/core/CodeSystem/condition-category|health-concern"};
constexpr const char* report_categories[] = {
    "http://terminology.hl7.org/CodeSystem/v2-0074|LAB", "http://loinc.org|LP29684-5",
    "http://loinc.org|LP29708-2", "http://loinc.org|LP7839-6"};
constexpr const char* careplan_categories[] = {
    "http://hl7.org/fhir/us/core/CodeSystem/careplan-category|assess-plan"};
constexpr const char* document_categories[] = {
    "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category|clinical-note"};
// The categories of US Core 7.0's ServiceRequest, all SNOMED CT.
constexpr const char* request_categories[] = {
    "http://snomed.info/sct|409063005", "http://snomed.info/sct|386053000",
    "http://snomed.info/sct|410606002", "http://snomed.info/sct|108252007",
    "http://snomed.info/sct|363679005", "http://snomed.info/sct|409073007",
    "http://snomed.info/sct|387713003"};
constexpr const char* careteam_statuses[] = {"proposed,active,suspended,inactive,entered-in-error"};
// "order,plan" is all there is: https://hl7.org/fhir/us/core/STU7/medication-list.html
constexpr const char* medication_intents[] = {"order,plan"};

constexpr StaticText request_status =
    "draft,active,on-hold,revoked,completed,entered-in-error,unknown";
constexpr StaticText medication_status =
    "active,on-hold,cancelled,completed,entered-in-error,stopped,draft,unknown";
constexpr StaticText event_status =
    "preparation,in-progress,not-done,on-hold,stopped,completed,entered-in-error,unknown";
constexpr StaticText result_status =
    "registered,partial,preliminary,final,amended,corrected,appended,cancelled,entered-in-error,"
    "unknown";
constexpr StaticText observation_status =
    "registered,preliminary,final,amended,corrected,cancelled,entered-in-error,unknown";
constexpr StaticText dispense_status =
    "preparation,in-progress,cancelled,on-hold,completed,entered-in-error,stopped,declined,unknown";
constexpr StaticText encounter_status =
    "planned,arrived,triaged,in-progress,onleave,finished,cancelled,entered-in-error,unknown";

constexpr PlanRow::Source us_core = PlanRow::Source::UsCore;
constexpr PlanRow::Source compartment = PlanRow::Source::Compartment;

constexpr PlanRow extra(StaticText type) {
    return {type, compartment, false, true, "", {}, "", ""};
}

// type, source, clinical, patient alone, loop, values, status, statuses
constexpr PlanRow table[] = {
    {"AllergyIntolerance",
     us_core,
     true,
     true,
     "",
     {},
     "clinical-status",
     "active,inactive,resolved"},
    {"CarePlan", us_core, true, false, "category", careplan_categories, "status",
     "draft,active,on-hold,revoked,completed,entered-in-error,unknown"},
    {"CareTeam", us_core, true, false, "status", careteam_statuses, "", ""},
    {"Condition", us_core, true, true, "category", condition_categories, "clinical-status",
     "active,recurrence,relapse,inactive,remission,resolved"},
    {"Coverage", us_core, false, true, "", {}, "status", "active,cancelled,draft,entered-in-error"},
    {"Device", us_core, true, true, "", {}, "status", "active,inactive,entered-in-error,unknown"},
    {"DiagnosticReport", us_core, true, true, "category", report_categories, "status",
     result_status},
    {"DocumentReference", us_core, true, true, "category", document_categories, "status",
     "current,superseded,entered-in-error"},
    {"Encounter", us_core, true, true, "", {}, "status", encounter_status},
    {"Goal",
     us_core,
     true,
     true,
     "",
     {},
     "lifecycle-status",
     "proposed,planned,accepted,active,on-hold,completed,cancelled,entered-in-error,rejected"},
    {"Immunization", us_core, true, true, "", {}, "status", "completed,entered-in-error,not-done"},
    {"MedicationDispense", us_core, true, true, "", {}, "status", dispense_status},
    {"MedicationRequest", us_core, true, false, "intent", medication_intents, "status",
     medication_status},
    {"Observation", us_core, true, false, "category", observation_categories, "status",
     observation_status},
    {"Procedure", us_core, true, true, "", {}, "status", event_status},
    {"QuestionnaireResponse",
     us_core,
     true,
     true,
     "",
     {},
     "status",
     "in-progress,completed,amended,entered-in-error,stopped"},
    {"RelatedPerson", us_core, false, true, "", {}, "", ""},
    {"ServiceRequest", us_core, true, true, "category", request_categories, "status",
     request_status},
    {"Specimen",
     us_core,
     false,
     true,
     "",
     {},
     "status",
     "available,unavailable,unsatisfactory,entered-in-error"},
    extra("AdverseEvent"),
    extra("Appointment"),
    extra("BodyStructure"),
    extra("ClinicalImpression"),
    extra("Communication"),
    extra("Composition"),
    extra("Consent"),
    extra("DetectedIssue"),
    extra("DeviceRequest"),
    extra("DeviceUseStatement"),
    extra("EpisodeOfCare"),
    extra("ExplanationOfBenefit"),
    extra("FamilyMemberHistory"),
    extra("Flag"),
    extra("ImagingStudy"),
    extra("ImmunizationRecommendation"),
    extra("List"),
    extra("Media"),
    extra("MedicationAdministration"),
    extra("MedicationStatement"),
    extra("MolecularSequence"),
    extra("NutritionOrder"),
    extra("RiskAssessment"),
    extra("VisionPrescription"),
};

}  // namespace

std::span<const PlanRow> plan_rows() { return table; }

}  // namespace consultd
