#include "adapter/stages/patient_answer.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

// A search for Patients of one number; what comes are the members of a searchset.
class PatientAnswerTest : public ::testing::Test {
protected:
    PatientAnswer answer(const std::string& members) {
        server.heal();
        server.fail_with(
            "Patient/_search",
            testing::json_answer(
                200, R"({"resourceType":"Bundle","type":"searchset",)" + members + "}"));
        fhir::Query query;
        query.add_token("identifier", "urn:mrn", "1|2").add("birthdate", "1970-05-06");
        const fhir::Url url = server.client().base().below("Patient/_search");
        return patient_answer(fhir::Search::by_post(server.client(), url, query.text(), {})
                                  .run(server.call())
                                  .value(),
                              query);
    }
    bool is_whole(const std::string& members) { return answer(members).is_whole; }
    static std::string entry(const std::string& resource) {
        return R"("entry":[{"resource":{)" + resource + R"(},"search":{"mode":"match"}}])";
    }
    static std::string outcome(const std::string& severity, const std::string& code) {
        return R"("entry":[{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":")" +
               severity + R"(","code":")" + code + R"("}]},"search":{"mode":"outcome"}}])";
    }
    static std::string self(const std::string& query) {
        return R"("link":[{"relation":"self","url":"https://ehr.example/fhir/Patient)" + query +
               R"("}])";
    }
    testing::FakeFhirServer server;
};
const std::string patient = R"("resourceType":"Patient","id":"9")";

TEST_F(PatientAnswerTest, WhatAnAnswerCountsAndDoesNotShowIsLacking) {
    EXPECT_TRUE(is_whole(R"("total":0)"));
    EXPECT_TRUE(is_whole(R"("total":1,)" + entry(patient)));
    EXPECT_FALSE(is_whole(R"("total":3)"));
    EXPECT_FALSE(is_whole(R"("total":2,)" + entry(patient)));
}

TEST_F(PatientAnswerTest, WhatIsNoWholePatientIsNotCompared) {
    for (const char* other :
         {R"("resourceType":"Person","id":"1")", R"("resourceType":"Patient")",
          R"("resourceType":"Patient","id":"9","meta":{"tag":[{"code":"SUBSETTED"}]})"})
        EXPECT_FALSE(is_whole(entry(other))) << other;
    EXPECT_FALSE(is_whole(R"("total":1,"entry":[{"resource":{"resourceType":"Person"}}])"));
    EXPECT_EQ(answer(entry(patient)).patients.size(), 1U);
}

// A parameter that was left out makes another question of it.
TEST_F(PatientAnswerTest, WhatTheServerSaysThatItDidNotDoIsLacking) {
    for (const char* code :
         {"not-supported", "value", "incomplete", "suppressed", "too-costly", ""})
        EXPECT_FALSE(is_whole(outcome("warning", code))) << code;
    EXPECT_FALSE(is_whole(outcome("information", "not-supported")));
    EXPECT_FALSE(is_whole(outcome("error", "processing")));
}

// "Resource request returns no results": a warning of Epic's (4101) beside an empty answer.
TEST_F(PatientAnswerTest, ThatNothingWasFoundIsNoWarning) {
    EXPECT_TRUE(is_whole(outcome("warning", "processing")));
    EXPECT_TRUE(is_whole(outcome("warning", "informational")));
}

TEST_F(PatientAnswerTest, SelfLinkOfAnotherQuestionIsNoAnswerToOurs) {
    const std::string number = "identifier=urn%3Amrn%7C1%5C%7C2", born = "birthdate=1970-05-06";
    for (const std::string& said :
         {std::string("?_count=50"), "?" + number, "?" + number + "&birthdate=1971-05-06",
          "?identifier=urn:mrn%7C7&" + born, "?" + number + "&" + born + "&active=true",
          "?" + number + "&" + born + "&_tag=x", "?" + number + "&" + number + "x&" + born})
        EXPECT_FALSE(is_whole(self(said))) << said;
}

// HAPI leaves out of it what came by POST.
TEST_F(PatientAnswerTest, SelfLinkOfOurQuestionOrOfNoneIsBelieved) {
    const std::string number = "identifier=urn:mrn|1%5c|2", born = "birthdate=eq1970-05-06";
    for (const std::string& said :
         {std::string(), std::string("/_search"), std::string("?_format=json"),
          "?" + number + "&" + born, "?_count=9&" + born + "&" + number + "&x=y"})
        EXPECT_TRUE(is_whole(self(said))) << said;
    EXPECT_TRUE(is_whole(R"("total":0)")) << "no link at all";
}

}  // namespace
}  // namespace consultd
