#include "adapter/stages/belonging/belonging.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::json_of;

PatientIdentity anna() {
    return {fhir::Url::parse("https://ehr.example/fhir").value(), "anna", {{"urn:mrn", "1"}}};
}
Belonging judge(std::string text, std::string_view full_url = "") {
    const auto resource = fhir::Resource::from(json_of(std::move(text))).value();
    return belonging_of(resource, {.key = resource.key(), .full_url = full_url}, anna());
}
// An Observation with these members.
Belonging observation(const std::string& members) {
    return judge(R"({"resourceType":"Observation","id":"o",)" + members + "}");
}

TEST(PatientProof, EachWayToNameOurPatientIsUnderstood) {
    for (const char* reference :
         {"Patient/anna", "Patient/anna/_history/3", "https://ehr.example/fhir/Patient/anna",
          "http://ehr.example/fhir/Patient/anna", "https://ehr.example:443/fhir/Patient/anna"})
        EXPECT_EQ(observation(R"("subject":{"reference":")" + std::string(reference) + "\"}"),
                  Belonging::Ours)
            << reference;
}

// A decoy in each shape in which another patient's data can come.
TEST(PatientProof, AnotherPatientIsFoundInEveryShape) {
    const std::string ours = R"("subject":{"reference":"Patient/anna"})";
    const std::vector<std::pair<std::string, Belonging>> decoys = {
        {R"("subject":{"reference":"Patient/bob"})", Belonging::Wrong},
        {R"("subject":{"reference":"Patient/bob/_history/1"})", Belonging::Wrong},
        {R"("subject":{"reference":"https://ehr.example/fhir/Patient/bob"})", Belonging::Wrong},
        {R"("subject":{"reference":"Patient/Anna"})", Belonging::Wrong},
        {R"("subject":{"reference":"Patient/annabel"})", Belonging::Wrong},
        {R"("subject":{"reference":"https://other.example/fhir/Patient/anna"})",
         Belonging::Unproven},
        {R"("subject":{"reference":"https://ehr.example/other/Patient/anna"})",
         Belonging::Unproven},
        {R"("subject":{"reference":"https://ehr.example:8443/fhir/Patient/anna"})",
         Belonging::Unproven},
        {R"("subject":{"reference":"patient/anna"})", Belonging::Unproven},
        {R"("subject":{"reference":"Patient?identifier=urn:mrn|1"})", Belonging::Unproven},
        {R"("subject":{"reference":"urn:uuid:3a1e2d62-1111-4111-8111-111111111111"})",
         Belonging::Unproven},
        {R"("subject":{"reference":"Group/anna"})", Belonging::Unproven},
        {R"("subject":{"identifier":{"system":"urn:mrn","value":"1"}})", Belonging::Unproven},
        {R"("subject":{"display":"Anna"})", Belonging::Unproven},
        {R"("status":"final")", Belonging::Unproven},
        {R"("performer":[{"reference":"Patient/anna"}])", Belonging::Unproven},
        {R"("subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p"}])",
         Belonging::Unproven},
        {R"("subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p",
            "identifier":[{"system":"urn:mrn","value":"2"}]}])",
         Belonging::Wrong},
        {R"("subject":{"reference":"Patient/anna","identifier":{"system":"urn:mrn","value":"2"}})",
         Belonging::Wrong},
        {ours + R"(,"performer":[{"reference":"Patient/bob"}])", Belonging::Wrong},
        {ours + R"(,"focus":[{"reference":"Patient/bob"}])", Belonging::Wrong},
        {ours + R"(,"focus":[{"type":"Patient","identifier":{"system":"urn:mrn","value":"2"}}])",
         Belonging::Wrong},
        {ours + R"(,"contained":[{"resourceType":"Observation","id":"c",
            "subject":{"reference":"Patient/bob"}}])",
         Belonging::Wrong},
        {ours + R"(,"contained":[{"resourceType":"Patient","id":"p"}])", Belonging::Unproven},
        {ours + R"(,"extension":[{"url":"urn:x","valueReference":{"reference":"Patient/bob"}}])",
         Belonging::Wrong},
        {ours + R"(,"unknownMember":{"deep":[{"reference":"Patient/bob"}]})", Belonging::Wrong},
    };
    for (const auto& [members, verdict] : decoys)
        EXPECT_EQ(observation(members), verdict) << members;
}

TEST(PatientProof, OtherTypesThanObservationAreJudgedByTheirOwnElement) {
    EXPECT_EQ(judge(R"({"resourceType":"Patient","id":"bob"})"), Belonging::Wrong);
    EXPECT_EQ(
        judge(R"({"resourceType":"Coverage","id":"1","beneficiary":{"reference":"Patient/anna"},
                        "subscriber":{"reference":"Patient/mother"}})"),
        Belonging::Ours);
    EXPECT_EQ(
        judge(R"({"resourceType":"Coverage","id":"1","beneficiary":{"reference":"Patient/bob"},
                        "subscriber":{"reference":"Patient/anna"}})"),
        Belonging::Wrong);
    EXPECT_EQ(
        judge(R"({"resourceType":"RelatedPerson","id":"1","patient":{"reference":"Patient/bob"}})"),
        Belonging::Wrong);
    EXPECT_EQ(judge(R"({"resourceType":"Bundle","id":"1","type":"collection"})"),
              Belonging::Unproven);
    EXPECT_EQ(judge(R"({"resourceType":"Practitioner","id":"1"})"), Belonging::Shared);
    EXPECT_EQ(judge(R"({"resourceType":"Device","id":"1"})"), Belonging::Shared);
    EXPECT_EQ(judge(R"({"resourceType":"Device","id":"1","patient":{"reference":"Patient/anna"}})"),
              Belonging::Ours);
    EXPECT_EQ(judge(R"({"resourceType":"Binary","id":"1",
                        "securityContext":{"reference":"Patient/bob"}})"),
              Belonging::Wrong);
    EXPECT_EQ(
        judge(R"({"resourceType":"Provenance","id":"1","target":[{"reference":"Patient/bob"}]})"),
        Belonging::Wrong);
    EXPECT_EQ(judge(R"({"resourceType":"Appointment","id":"1","participant":[
                        {"actor":{"reference":"Practitioner/1"}},{"actor":{"reference":"Patient/anna"}}]})"),
              Belonging::Ours);
}

// Where an entry lives on another server, its relative references mean that server's patient.
TEST(PatientProof, AnEntryOfAnotherServerProvesNothing) {
    const char* text =
        R"({"resourceType":"Observation","id":"o","subject":{"reference":"Patient/anna"}})";
    EXPECT_EQ(judge(text, "https://ehr.example/fhir/Observation/o"), Belonging::Ours);
    EXPECT_EQ(judge(text, "https://other.example/fhir/Observation/o"), Belonging::Unproven);
    const char* patient = R"({"resourceType":"Patient","id":"anna"})";
    EXPECT_EQ(judge(patient, "https://ehr.example/fhir/Patient/anna"), Belonging::Ours);
    EXPECT_EQ(judge(patient, "https://other.example/fhir/Patient/anna"), Belonging::Wrong);
}

TEST(ModifierExtension, IsFoundAtAnyDepth) {
    EXPECT_TRUE(has_unknown_modifier(
        json_of(R"({"a":[{"b":{"modifierExtension":[{"url":"urn:x","valueBoolean":true}]}}]})")));
    EXPECT_TRUE(has_unknown_modifier(json_of(R"({"implicitRules":"urn:rules"})")));
    EXPECT_FALSE(has_unknown_modifier(json_of(R"({"extension":[{"url":"urn:x"}]})")));
}

}  // namespace
}  // namespace consultd
