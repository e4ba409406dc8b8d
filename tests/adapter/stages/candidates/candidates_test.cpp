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

// A reader must not take what is left of it for the whole.
TEST_P(CandidatesTest, WhatTheSourceCoveredUpOrGaveInPartLeavesAGap) {
    add_ours("cut", R"(,"meta":{"security":[{"code":"REDACTED"}]})");
    add_ours("masked", R"(,"meta":{"security":[{"code":"R"},{"code":"MASKED"}]})");
    add_ours("labelled", R"(,"meta":{"security":[{"code":"R"}]})");
    add_ours("part", R"(,"meta":{"security":[{"code":"REDACTED"},{"code":"SUBSETTED"}]})");
    EXPECT_THAT(all(), ElementsAre("DocumentReference/cut", "DocumentReference/labelled",
                                   "DocumentReference/masked", "DocumentReference/part subsetted"));
    Record record;
    candidates.settle_into(record);
    std::vector<std::string> gaps;
    for (const Gap& gap : record.gaps) gaps.push_back(gap.what + " " + gap.reason.c_str());
    EXPECT_THAT(gaps, ::testing::UnorderedElementsAre("DocumentReference/cut redacted",
                                                      "DocumentReference/masked redacted",
                                                      "DocumentReference (1 entry) subsetted"));
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

// What a reference says of another patient's resource is that patient's.
TEST_P(CandidatesTest, AReferenceToAnothersResourceSaysNothingOfThem) {
    add(R"({"resourceType":"Condition","id":"w","subject":{"reference":"Patient/bob"}})",
        "https://ehr.example/fhir/Condition/w");
    add(R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/anna"}})",
        "https://ehr.example/fhir/Condition/c");
    add(R"({"resourceType":"List","id":"l","status":"current","mode":"working",)"
        R"("subject":{"reference":"Patient/anna"},"entry":[{"item":{"reference":"Condition/w",)"
        R"("display":"Schizophrenia of Bob","identifier":{"value":"B-7"}}},{"item":{"reference":)"
        R"("https://ehr.example/fhir/Condition/w","display":"Bob"}},{"item":{"reference":)"
        R"("Condition/c","display":"Melanoma"}}]})",
        "https://ehr.example/fhir/List/l");
    Record record;
    candidates.settle_into(record);
    const auto list = std::ranges::find(record.resources, "List/l", &PulledResource::source);
    ASSERT_NE(list, record.resources.end());
    const std::string text = list->resource.json().print();
    EXPECT_EQ(text.find("Bob"), std::string::npos) << text;
    EXPECT_EQ(text.find("B-7"), std::string::npos) << text;
    EXPECT_EQ(text.find("Condition/w"), std::string::npos) << text;
    EXPECT_NE(text.find(R"({"reference":"Condition/c","display":"Melanoma"})"), std::string::npos)
        << text;
    EXPECT_TRUE(std::ranges::any_of(record.gaps, [](const Gap& gap) {
        return gap.what == "List/l" && gap.reason.view() == "leads-to-another";
    }));
}

// What another server calls by the name of ours is not ours, and ours is not its.
TEST_P(CandidatesTest, AnotherServersResourceDoesNotMaskOurs) {
    add(R"({"resourceType":"Condition","id":"c","subject":{"reference":"Patient/anna"}})",
        "https://ehr.example/fhir/Condition/c");
    add(R"({"resourceType":"Condition","id":"c","subject":{"reference":)"
        R"("https://other.example/fhir/Patient/bob"}})",
        "https://other.example/fhir/Condition/c");
    add_ours("d", R"(,"context":{"related":[{"reference":"Condition/c","display":"ours"}]})");
    Record record;
    candidates.settle_into(record);
    const auto found =
        std::ranges::find(record.resources, "DocumentReference/d", &PulledResource::source);
    ASSERT_NE(found, record.resources.end());
    EXPECT_NE(found->resource.json().print().find("ours"), std::string::npos);
}

// One measurement with two values must not be read as two.
TEST_P(CandidatesTest, TwoContentsOfOneResourceAreToldOf) {
    for (const char* value : {"11.0", "77"})
        add(R"({"resourceType":"Observation","id":"o","subject":{"reference":"Patient/anna"},)"
            R"("valueQuantity":{"value":)" +
                std::string(value) + "}}",
            "https://ehr.example/fhir/Observation/o");
    Record record;
    candidates.settle_into(record);
    ASSERT_EQ(record.resources.size(), 2U);
    ASSERT_EQ(record.gaps.size(), 1U);
    EXPECT_EQ(record.gaps[0].what, "Observation/o");
    EXPECT_EQ(record.gaps[0].reason.view(), "version-conflict");
}

}  // namespace
}  // namespace consultd
