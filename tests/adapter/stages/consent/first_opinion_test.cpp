// What counts as the first team's conclusions, and what never does: that which harms when it is not
// known.
#include "adapter/stages/consent/first_opinion.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd::consent {
namespace {

bool is_one(const std::string& type, const std::string& members) {
    return is_first_opinion(
        testing::json_of(R"({"resourceType":")" + type + R"(","id":"1")" + members + "}"));
}
std::string of_type(const std::string& loinc) {
    return R"(,"type":{"coding":[{"system":"http://loinc.org","code":")" + loinc + R"("}]})";
}
std::string of_section(const std::string& code) {
    return R"(,"category":[{"coding":[{"system":)"
           R"("http://terminology.hl7.org/CodeSystem/v2-0074","code":")" +
           code + R"("}]}],"conclusion":"x")";
}

TEST(FirstOpinion, IsWhatJudgesOrPlans) {
    for (const char* type : {"CarePlan", "ClinicalImpression", "Goal", "RiskAssessment"})
        EXPECT_TRUE(is_one(type, R"(,"status":"active")")) << type;
    for (const char* intent : {"proposal", "plan", "option"})
        EXPECT_TRUE(is_one("MedicationRequest", R"(,"intent":")" + std::string(intent) + "\""));
    for (const char* status : {"provisional", "differential", "unconfirmed"})
        EXPECT_TRUE(is_one("Condition", R"(,"verificationStatus":{"coding":[{"code":")" +
                                            std::string(status) + R"("}]})"));
}

TEST(FirstOpinion, IsAReportThatConcludesUnlessItIsALaboratorys) {
    EXPECT_TRUE(is_one("DiagnosticReport", R"(,"conclusion":"Progression")"));
    EXPECT_TRUE(is_one("DiagnosticReport", R"(,"presentedForm":[{"contentType":"text/plain"}])"));
    EXPECT_TRUE(is_one("DiagnosticReport", of_section("RAD")));
    EXPECT_TRUE(is_one("DiagnosticReport", of_section("SP"))) << "pathology";
    EXPECT_FALSE(is_one("DiagnosticReport", of_section("CH")));
    EXPECT_FALSE(is_one("DiagnosticReport", R"(,"result":[{"reference":"Observation/1"}])"));
}

TEST(FirstOpinion, IsADocumentAsAWholeOrNotAtAll) {
    for (const char* note : {"11488-4", "34117-2", "18842-5", "11506-3", "51847-2", "18776-5"})
        EXPECT_TRUE(is_one("DocumentReference", of_type(note))) << note;
    EXPECT_TRUE(is_one("DocumentReference", R"(,"description":"letter")")) << "who knows";
    for (const char* note : {"11502-2", "11504-8", "42348-3", "48765-2", "10160-0"})
        EXPECT_FALSE(is_one("DocumentReference", of_type(note))) << note;
    EXPECT_FALSE(is_one("DocumentReference",
                        R"(,"content":[{"attachment":{"contentType":"application/dicom"}}])"));
}

TEST(FirstOpinion, IsNeverWhatHarmsWhenItIsNotKnown) {
    for (const char* type :
         {"AllergyIntolerance", "AdverseEvent", "Flag", "DetectedIssue", "Observation",
          "Immunization", "Procedure", "MedicationStatement", "MedicationAdministration", "Device",
          "ImagingStudy", "Media", "FamilyMemberHistory", "Patient", "Encounter"})
        EXPECT_FALSE(is_one(type, R"(,"status":"active")")) << type;
    EXPECT_FALSE(is_one("MedicationRequest", R"(,"intent":"order","status":"active")"));
    EXPECT_FALSE(is_one("Condition", R"(,"verificationStatus":{"coding":[{"code":"confirmed"}]})"));
}

}  // namespace
}  // namespace consultd::consent
