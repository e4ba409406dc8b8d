#include "adapter/stages/candidates/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using ::testing::ElementsAre;
using testing::json_of;

class CandidatesTest : public ::testing::TestWithParam<Bringer> {
protected:
    CandidatesTest()
        : candidates(GetParam(),
                     PatientIdentity::of(fhir::Url::parse("https://ehr.example/fhir").value(),
                                         "anna", json_of(R"({"resourceType":"Patient"})")),
                     {}) {}
    void add(const std::string& resource, const std::string& full_url = "") {
        ASSERT_TRUE(candidates.add({.json = json_of(resource), .full_url = full_url}).ok());
    }
    void add_ours(const std::string& id, const std::string& members = "") {
        add(R"({"resourceType":"DocumentReference","id":")" + id +
            R"(","subject":{"reference":"Patient/anna"})" + members + "}");
    }
    // "name", or "name reason" of what is rejected.
    std::vector<std::string> all() {
        Record record;
        candidates.settle_into(record);
        std::vector<std::string> found;
        for (const PulledResource& one : record.resources) found.push_back(one.source);
        for (const RejectedResource& one : record.rejected)
            found.push_back(one.source + " " + one.reason.c_str());
        return found;
    }
    Candidates candidates;
};
INSTANTIATE_TEST_SUITE_P(Both, CandidatesTest, ::testing::Values(Bringer::Server, Bringer::Files),
                         [](const auto& bringer) {
                             return bringer.param == Bringer::Server ? "Server" : "Files";
                         });

TEST_P(CandidatesTest, EachRejectionHasItsReasonWhoeverBringsIt) {
    add_ours("good");
    add(R"({"resourceType":"Condition","id":"theirs","subject":{"reference":"Patient/bob"}})");
    add(R"({"resourceType":"Condition","id":"unsure","subject":{"display":"Anna"}})");
    add(R"({"resourceType":"Condition","id":"shape","subject":{"reference":"Patient/anna"},"code":"Nuts"})");
    add_ours("negated", R"(,"modifierExtension":[{"url":"urn:not"}])");
    add(R"({"resourceType":"Procedure","id":"not","subject":{"reference":"Patient/anna"},"notDone":true})");
    add_ours("part", R"(,"meta":{"tag":[{"code":"SUBSETTED"}]})");
    add_ours("elsewhere");
    add(R"({"resourceType":"Condition","id":"good","subject":{"reference":"Patient/anna"}})",
        "https://other.example/fhir/Condition/good");
    EXPECT_THAT(all(),
                ElementsAre("DocumentReference/elsewhere", "DocumentReference/good",
                            "Condition/shape malformed", "Condition/theirs wrong-patient",
                            "Condition/unsure unproven-patient",
                            "DocumentReference/negated modifier-extension",
                            "DocumentReference/part subsetted", "Procedure/not other-version",
                            "https://other.example/fhir/Condition/good unproven-patient"));
}

TEST_P(CandidatesTest, SharedIsReachedByWhateverAReferenceMayBe) {
    add_ours("d", R"(,"author":[{"reference":"Practitioner/literal"},
        {"reference":"Practitioner?identifier=urn%3Anpi|conditional"},
        {"identifier":{"system":"urn:npi","value":"logical"}}],
        "content":[{"attachment":{"url":"Binary/bytes"}}])");
    add(R"({"resourceType":"QuestionnaireResponse","id":"q","subject":{"reference":"Patient/anna"},
            "questionnaire":"https://forms.example/f|2"})");
    add(R"({"resourceType":"Practitioner","id":"literal"})");
    for (const std::string name : {"conditional", "logical", "stranger"})
        add(R"({"resourceType":"Practitioner","id":")" + name +
            R"(","identifier":[{"system":"urn:npi","value":")" + name + R"("}]})");
    add(R"({"resourceType":"Questionnaire","id":"f","url":"https://forms.example/f"})");
    add(R"({"resourceType":"Binary","id":"bytes","data":"AAAA"})");
    add(R"({"resourceType":"Binary","id":"stray","data":"AAAA"})");
    EXPECT_THAT(all(),
                ElementsAre("Binary/bytes", "DocumentReference/d", "Practitioner/conditional",
                            "Practitioner/literal", "Practitioner/logical", "Questionnaire/f",
                            "QuestionnaireResponse/q", "Binary/stray unproven-patient",
                            "Practitioner/stranger unproven-patient"));
}

// Whatever leads to it: https://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext
TEST_P(CandidatesTest, BytesOfWhatIsRejectedAreNotOurs) {
    add_ours("d", R"(,"content":[{"attachment":{"url":"Binary/ours"}},
        {"attachment":{"url":"Binary/theirs"}}])");
    add(R"({"resourceType":"DocumentReference","id":"bobs","subject":{"reference":"Patient/bob"}})");
    add(R"({"resourceType":"Binary","id":"ours","data":"AAAA",
            "securityContext":{"reference":"DocumentReference/d"}})");
    add(R"({"resourceType":"Binary","id":"theirs","data":"AAAA",
            "securityContext":{"reference":"DocumentReference/bobs"}})");
    EXPECT_THAT(all(),
                ElementsAre("Binary/ours", "DocumentReference/d", "Binary/theirs unproven-patient",
                            "DocumentReference/bobs wrong-patient"));
}

TEST_P(CandidatesTest, SharedIsReachedThroughSharedAndAProvenanceByItsTarget) {
    add_ours("d", R"(,"author":[{"reference":"PractitionerRole/r"}])");
    add(R"({"resourceType":"PractitionerRole","id":"r","organization":{"reference":"Organization/o"}})");
    add(R"({"resourceType":"Organization","id":"o"})");
    add(R"({"resourceType":"Provenance","id":"ours","target":[{"reference":"DocumentReference/d"}],
            "agent":[{"who":{"reference":"Organization/p"}}]})");
    add(R"({"resourceType":"Organization","id":"p"})");
    add(R"({"resourceType":"Condition","id":"theirs","subject":{"reference":"Patient/bob"}})");
    add(R"({"resourceType":"Provenance","id":"mixed","target":[{"reference":"DocumentReference/d"},
            {"reference":"Condition/theirs"}]})");
    EXPECT_THAT(all(),
                ElementsAre("DocumentReference/d", "Organization/o", "Organization/p",
                            "PractitionerRole/r", "Provenance/ours",
                            "Condition/theirs wrong-patient", "Provenance/mixed unproven-patient"));
}

}  // namespace
}  // namespace consultd
