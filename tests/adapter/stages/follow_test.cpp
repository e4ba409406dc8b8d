#include "adapter/stages/follow.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::FakeFhirServer;

class FollowTest : public ::testing::Test {
protected:
    void put_task(const std::string& status, const std::string& outputs = "",
                  const std::string& transfer = "t-1") {
        server.put(R"({"resourceType":"Task","id":"5","status":")" + status +
                   R"(","identifier":[{"system":"urn:consultd:transfer","value":")" + transfer +
                   R"("}],"businessStatus":{"coding":[{"code":"3.0"}]},
                      "for":{"reference":"Patient/77"},"output":[)" +
                   outputs + "]}");
    }
    static std::string output(const std::string& reference) {
        return R"({"type":{"text":"opinion"},"valueReference":{"reference":")" + reference +
               R"("}})";
    }
    Result<Followed> look() { return follow(server.client(), "Task/5", "t-1", server.call()); }
    static std::vector<std::string> problems(const Followed& followed) {
        std::vector<std::string> words;
        for (const StaticText& problem : followed.problems) words.emplace_back(problem.view());
        return words;
    }
    FakeFhirServer server;
};

TEST_F(FollowTest, StatusIsToldAndNothingIsFetchedBeforeItIsDone) {
    put_task("in-progress", output("DiagnosticReport/1"));
    const Followed seen = look().value();
    EXPECT_EQ(seen.status, "in-progress");
    EXPECT_EQ(seen.business_status, "3.0");
    EXPECT_TRUE(seen.output.empty());
    EXPECT_EQ(server.requests_for("DiagnosticReport"), 0u);
}

TEST_F(FollowTest, OpinionComesWithItsBytes) {
    put_task("completed", output("DocumentReference/1"));
    server.put(R"({"resourceType":"DocumentReference","id":"1","subject":{"reference":"Patient/77"},
                   "content":[{"attachment":{"url":"Binary/2"}}]})");
    server.put(R"({"resourceType":"Binary","id":"2","contentType":"text/plain","data":"QQ=="})");
    const Followed seen = look().value();
    ASSERT_EQ(seen.output.size(), 2u);
    EXPECT_EQ(seen.output[0].key(), "DocumentReference/1");
    EXPECT_EQ(seen.output[1].key(), "Binary/2");
    EXPECT_TRUE(seen.problems.empty());
}

TEST_F(FollowTest, WhatIsNotAboutOurPatientIsNotTaken) {
    put_task("completed", output("DiagnosticReport/1") + "," + output("DiagnosticReport/2") + "," +
                              output("DiagnosticReport/3") + "," +
                              output("https://other.example/fhir/DiagnosticReport/4"));
    server.put(
        R"({"resourceType":"DiagnosticReport","id":"1","subject":{"reference":"Patient/78"}})");
    server.put(R"({"resourceType":"DiagnosticReport","id":"2"})");
    const Followed seen = look().value();
    EXPECT_TRUE(seen.output.empty());
    EXPECT_EQ(problems(seen), (std::vector<std::string>{"other-patient", "other-patient",
                                                        "not-found", "elsewhere"}));
    for (const std::string& line : server.transport().log())
        EXPECT_TRUE(line.starts_with("GET https://ehr.example/")) << line;
}

TEST_F(FollowTest, TaskOfAnotherTransferIsNotBelieved) {
    put_task("completed", "", "t-2");
    EXPECT_EQ(look().error().kind(), ErrorKind::Malformed);
}

TEST_F(FollowTest, TaskThatIsGoneIsForAPerson) {
    EXPECT_EQ(look().error().kind(), ErrorKind::NotFound);
}

}  // namespace
}  // namespace consultd
