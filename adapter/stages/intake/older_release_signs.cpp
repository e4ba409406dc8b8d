// What a resource says of the release that it is of: https://hl7.org/fhir/STU3/,
// https://hl7.org/fhir/DSTU2/.
#include <algorithm>
#include <array>

#include "adapter/stages/intake/older_release.h"

namespace consultd {

using fhir::JsonView;

namespace {

struct SignRow {
    Release release;
    std::string_view type, member;
    // Of the member: any, a string, an array.
    enum class Kind { Any, String, Array } kind = Kind::Any;
    Sign sign = Sign::Sure;
};

// Members that R4 does not have in these types, and one of another kind.
constexpr auto signs = std::to_array<SignRow>(
    {{Release::Dstu2, "AllergyIntolerance", "substance"},
     {Release::Dstu2, "Condition", "patient"},
     {Release::Dstu2, "Condition", "dateRecorded"},
     {Release::Dstu2, "Encounter", "patient"},
     {Release::Dstu2, "Encounter", "class", SignRow::Kind::String},
     {Release::Dstu2, "Goal", "description", SignRow::Kind::String},
     {Release::Dstu2, "ImagingStudy", "order"},
     {Release::Dstu2, "Immunization", "wasNotGiven"},
     {Release::Dstu2, "MedicationAdministration", "wasNotGiven"},
     {Release::Dstu2, "MedicationDispense", "patient"},
     {Release::Dstu2, "MedicationStatement", "wasNotTaken"},
     {Release::Dstu2, "MedicationStatement", "patient"},
     {Release::Dstu2, "Observation", "comments"},
     {Release::Dstu2, "Patient", "careProvider"},
     {Release::Dstu2, "Procedure", "notPerformed"},
     {Release::Dstu2, "ProcedureRequest", "orderedOn"},
     {Release::Dstu2, "ProcedureRequest", "orderer"},
     {Release::Dstu2, "ProcedureRequest", "notes"},
     {Release::Dstu2, "ProcedureRequest", "scheduledDateTime"},
     {Release::Dstu2, "ProcedureRequest", "scheduledPeriod"},
     {Release::Dstu2, "ProcedureRequest", "scheduledTiming"},
     {Release::Dstu2, "ReferralRequest", "patient"},
     {Release::Stu3, "AllergyIntolerance", "assertedDate"},
     {Release::Stu3, "CarePlan", "context"},
     {Release::Stu3, "Communication", "notDone"},
     {Release::Stu3, "Condition", "assertedDate"},
     {Release::Stu3, "Condition", "context"},
     {Release::Stu3, "DiagnosticReport", "context"},
     {Release::Stu3, "DeviceUseStatement", "whenUsed"},
     {Release::Stu3, "DocumentReference", "indexed"},
     {Release::Stu3, "FamilyMemberHistory", "notDone"},
     {Release::Stu3, "Goal", "status"},
     {Release::Stu3, "ImagingStudy", "patient"},
     {Release::Stu3, "Immunization", "notGiven"},
     {Release::Stu3, "Immunization", "practitioner"},
     {Release::Stu3, "MedicationAdministration", "notGiven"},
     {Release::Stu3, "MedicationDispense", "notDone"},
     {Release::Stu3, "MedicationRequest", "context"},
     {Release::Stu3, "MedicationStatement", "taken"},
     {Release::Stu3, "Observation", "context"},
     {Release::Stu3, "Procedure", "context"},
     {Release::Stu3, "Procedure", "notDone"},
     {Release::Stu3, "AllergyIntolerance", "clinicalStatus", SignRow::Kind::String, Sign::Likely},
     {Release::Stu3, "Condition", "clinicalStatus", SignRow::Kind::String, Sign::Likely}});

constexpr std::array<std::string_view, 4> dstu2_types = {
    "DeviceUseRequest", "DiagnosticOrder", "ImagingObjectSelection", "MedicationOrder"};
// The last two are of DSTU2 as well, where a member of it says so.
constexpr std::array<std::string_view, 4> stu3_types = {"ImagingManifest", "Sequence",
                                                        "ProcedureRequest", "ReferralRequest"};
constexpr std::string_view dstu2_profiles = "http://hl7.org/fhir/1.0/",
                           stu3_profiles = "http://hl7.org/fhir/3.0/";

bool is_of_kind(JsonView value, SignRow::Kind kind) {
    if (kind == SignRow::Kind::String) return value.is_string();
    return kind == SignRow::Kind::Any || value.is_array();
}

}  // namespace

Release release_of(JsonView resource, Sign sign) {
    const std::string_view type = resource["resourceType"].string();
    if (std::ranges::find(dstu2_types, type) != dstu2_types.end()) return Release::Dstu2;
    for (const JsonView profile : resource.at("meta", "profile").items()) {
        if (profile.string().starts_with(dstu2_profiles)) return Release::Dstu2;
        if (profile.string().starts_with(stu3_profiles)) return Release::Stu3;
    }
    // A name's family was a list: https://hl7.org/fhir/DSTU2/datatypes.html#HumanName
    for (const JsonView name : resource["name"].items())
        if (type == "Patient" && name["family"].is_array()) return Release::Dstu2;
    for (const SignRow& row : signs)
        if (row.type == type && (row.sign == Sign::Sure || sign == Sign::Likely) &&
            resource.has(row.member) && is_of_kind(resource[row.member], row.kind))
            return row.release;
    if (std::ranges::find(stu3_types, type) != stu3_types.end()) return Release::Stu3;
    return Release::R4;
}

}  // namespace consultd
