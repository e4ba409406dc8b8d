#include "adapter/stages/document/profile_rows.h"

namespace consultd {
namespace {

using fhir::JsonView;

bool is_final(JsonView resource) { return resource["status"].string() == "final"; }

bool has_literal_subject(JsonView resource) {
    const JsonView subject = resource[resource.has("patient") ? "patient" : "subject"];
    return !subject["reference"].string().empty();
}

bool is_ucum(JsonView quantity) {
    return quantity["system"].string() == "http://unitsofmeasure.org" &&
           !quantity["code"].string().empty();
}

bool is_result(JsonView observation) {
    const Choice effective = choice_of(observation, "effective");
    return is_final(observation) && has_literal_subject(observation) &&
           (effective.type.empty() || effective.type == "DateTime" || effective.type == "Period");
}

bool is_laboratory_result(JsonView observation) {
    if (!is_result(observation) ||
        !has_code(observation["category"],
                  "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"))
        return false;
    const Choice value = choice_of(observation, "value");
    if (value.type.empty()) return observation["hasMember"].size() > 0;
    if (value.type == "Quantity") return is_ucum(value.value);
    if (value.type == "Ratio")
        return is_ucum(value.value["numerator"]) && is_ucum(value.value["denominator"]);
    if (value.type == "Range") return is_ucum(value.value["low"]) && is_ucum(value.value["high"]);
    return value.type != "Boolean" && value.type != "Integer" && value.type != "SampledData";
}

// vs-1 asks for the day, vs-2 for a value, a reason for its absence, or parts that have one.
bool is_vital_sign(JsonView observation) {
    const Choice effective = choice_of(observation, "effective");
    if (!has_literal_subject(observation) ||
        !has_code(observation["category"],
                  "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs"))
        return false;
    if (effective.type != "Period" &&
        (effective.type != "DateTime" || effective.value.string().size() < 10))
        return false;
    for (const JsonView& component : observation["component"].items())
        if (choice_of(component, "value").type.empty() && !component.has("dataAbsentReason"))
            return false;
    return !choice_of(observation, "value").type.empty() || observation.has("dataAbsentReason") ||
           observation["component"].size() > 0 || observation["hasMember"].size() > 0;
}

bool is_report(JsonView report) {
    return is_final(report) && has_literal_subject(report) && report["category"].size() <= 1;
}

// con-5: an erroneous Condition has no clinicalStatus, which the profile demands.
bool is_condition(JsonView condition) {
    return has_literal_subject(condition) &&
           !has_code(condition["verificationStatus"], "entered-in-error");
}

constexpr Need patient_needs[] = {{"name", Absent::NameText}, {"birthDate", Absent::Primitive}};
constexpr Need code_needs[] = {{"code", Absent::Object}};
constexpr Need condition_needs[] = {{"clinicalStatus", Absent::Object}, {"code", Absent::Object}};
constexpr Need statement_needs[] = {{"effective", Absent::DateTime}};
constexpr Need procedure_needs[] = {{"code", Absent::Object}, {"performed", Absent::DateTime}};
constexpr Need use_needs[] = {{"timing", Absent::DateTime}};
constexpr Need laboratory_needs[] = {{"effective", Absent::DateTime}, {"performer", Absent::List}};
constexpr Need result_needs[] = {{"effective", Absent::DateTime}};
constexpr Need report_needs[] = {{"category", Absent::List}, {"effective", Absent::DateTime}};
constexpr Need type_needs[] = {{"type", Absent::Object}};
constexpr Need organization_needs[] = {{"name", Absent::Primitive}};
constexpr Need practitioner_needs[] = {{"name", Absent::NameText}};

constexpr StaticText patient_target[] = {"patient"};
constexpr StaticText subject_target[] = {"subject"};
constexpr StaticText medication_targets[] = {"subject", "medicationReference"};
constexpr StaticText use_targets[] = {"subject", "device"};
constexpr StaticText result_targets[] = {"subject", "performer", "hasMember"};
constexpr StaticText laboratory_targets[] = {"subject", "performer", "hasMember", "specimen"};
constexpr StaticText report_targets[] = {"subject", "performer", "specimen"};
constexpr StaticText role_targets[] = {"practitioner", "organization"};
constexpr StaticText procedure_targets[] = {"subject", "performer"};

}  // namespace

#define IPS(name) "http://hl7.org/fhir/uv/ips/StructureDefinition/" name "-uv-ips"
// From the StructureDefinitions of hl7.fhir.uv.ips 1.1.0.
constexpr std::array<ProfileRow, profile_rows_count> profile_rows = {{
    {"Patient", IPS("Patient"), patient_needs, {}, nullptr},
    {"AllergyIntolerance", IPS("AllergyIntolerance"), {}, patient_target, has_literal_subject},
    {"Condition", IPS("Condition"), condition_needs, subject_target, is_condition},
    {"MedicationStatement", IPS("MedicationStatement"), statement_needs, medication_targets,
     has_literal_subject},
    {"MedicationRequest", IPS("MedicationRequest"), {}, medication_targets, has_literal_subject},
    {"Medication", IPS("Medication"), code_needs, {}, nullptr},
    {"Immunization", IPS("Immunization"), {}, patient_target, has_literal_subject},
    {"Procedure", IPS("Procedure"), procedure_needs, procedure_targets, has_literal_subject},
    {"DeviceUseStatement", IPS("DeviceUseStatement"), use_needs, use_targets, has_literal_subject},
    {"Device", IPS("Device"), {}, patient_target, has_literal_subject},
    {"Observation", IPS("Observation-results-laboratory"), laboratory_needs, laboratory_targets,
     is_laboratory_result},
    {"Observation", "http://hl7.org/fhir/StructureDefinition/vitalsigns", {}, {}, is_vital_sign},
    {"Observation", IPS("Observation-results"), result_needs, result_targets, is_result},
    {"DiagnosticReport", IPS("DiagnosticReport"), report_needs, report_targets, is_report},
    {"Specimen", IPS("Specimen"), type_needs, subject_target, has_literal_subject},
    {"Organization", IPS("Organization"), organization_needs, {}, nullptr},
    {"Practitioner", IPS("Practitioner"), practitioner_needs, {}, nullptr},
    {"PractitionerRole", IPS("PractitionerRole"), {}, role_targets, nullptr},
    {"ImagingStudy", IPS("ImagingStudy"), {}, subject_target, has_literal_subject},
}};
#undef IPS

}  // namespace consultd
