#include "adapter/stages/follow/follow.h"

#include <gtest/gtest.h>

#include "our_order.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using testing::FakeFhirServer;
using testing::order_of_77;

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
    void put_task_with(const std::string& members) {
        server.put(R"({"resourceType":"Task","id":"5","status":"completed","identifier":[{"system":
            "urn:consultd:transfer","value":"t-1"}],"for":{"reference":"Patient/77"},
            "focus":{"reference":"ServiceRequest/8"},)" +
                   members + "}");
    }
    Result<Followed> look() { return follow(server.client(), "Task/5", order, server.call()); }
    static std::vector<std::string> problems(const Followed& followed) {
        std::vector<std::string> words;
        for (const StaticText& problem : followed.problems) words.emplace_back(problem.view());
        return words;
    }
    static std::vector<std::string> keys(const Followed& followed) {
        std::vector<std::string> keys;
        for (const fhir::Json& one : followed.resources)
            keys.push_back(std::string(one["resourceType"].string()) + "/" +
                           std::string(one["id"].string()));
        return keys;
    }
    using Words = std::vector<std::string>;
    FakeFhirServer server;
    const OurOrder order = order_of_77();
};

TEST_F(FollowTest, StatusIsToldAndNothingIsFetchedBeforeItIsDone) {
    put_task("in-progress", output("DiagnosticReport/1"));
    const Followed seen = look().value();
    EXPECT_EQ(seen.status, "in-progress");
    EXPECT_EQ(seen.business_status, "3.0");
    EXPECT_TRUE(seen.resources.empty());
    EXPECT_EQ(server.requests_for("DiagnosticReport"), 0u);
}

TEST_F(FollowTest, OpinionComesWithItsBytes) {
    put_task("completed", output("DocumentReference/1"));
    server.put(R"({"resourceType":"DocumentReference","id":"1","subject":{"reference":"Patient/77"},
                   "content":[{"attachment":{"contentType":"text/plain","url":"Binary/2"}}]})");
    server.put(R"({"resourceType":"Binary","id":"2","contentType":"text/plain","data":"QQ=="})");
    const Followed seen = look().value();
    EXPECT_EQ(keys(seen), (Words{"DocumentReference/1", "Binary/2"}));
    EXPECT_TRUE(seen.problems.empty());
}

// What stands in the Task itself needs nobody to be asked for it.
TEST_F(FollowTest, TextsAttachmentsAndWhatIsContainedAreTheOpinionAsTheyStand) {
    put_task_with(
        R"("contained":[{"resourceType":"DiagnosticReport","id":"r","subject":{"reference":
        "Patient/77"},"conclusion":"Agreed."}],"output":[
        {"type":{"text":"opinion"},"valueString":"I agree."},
        {"type":{"text":"letter"},"valueAttachment":{"contentType":"text/plain","data":"QQ=="}},
        {"type":{"text":"report"},"valueReference":{"reference":"#r"}}])");
    const Followed seen = look().value();
    EXPECT_TRUE(seen.problems.empty());
    EXPECT_EQ(seen.task["output"].size(), 3u);
    EXPECT_EQ(seen.task["contained"].size(), 1u);
    EXPECT_TRUE(seen.resources.empty());
}

// Bytes as a Binary of FHIR, or as they are, by whatever URL of that server.
TEST_F(FollowTest, BytesAreTakenByAnyUrlOfThatServerAndOfNoOther) {
    put_task_with(R"("output":[
        {"type":{"text":"a"},"valueUrl":"https://ehr.example/fhir/Binary/2"},
        {"type":{"text":"b"},"valueUrl":"https://ehr.example/files/opinion.pdf"},
        {"type":{"text":"c"},"valueAttachment":{"contentType":"application/pdf",
          "url":"https://other.example/opinion.pdf"}}])");
    server.put(R"({"resourceType":"Binary","id":"2","contentType":"text/plain","data":"QQ=="})");
    server.put_bytes("/files/opinion.pdf", "application/pdf", "%PDF");
    const Followed seen = look().value();
    ASSERT_EQ(seen.resources.size(), 2u);
    EXPECT_EQ(seen.resources[1]["contentType"].string(), "application/pdf");
    EXPECT_EQ(seen.resources[1]["data"].string(), "JVBERg==");
    EXPECT_EQ(problems(seen), Words{"elsewhere"});
    EXPECT_EQ(seen.task["output"].size(), 2u);
    for (const std::string& line : server.transport().log())
        EXPECT_TRUE(line.starts_with("GET https://ehr.example/")) << line;
}

TEST_F(FollowTest, MessagesAnswersAndReportsComeWithWhatTheyLeadTo) {
    put_task("completed", output("Communication/1") + "," + output("QuestionnaireResponse/2") +
                              "," + output("DiagnosticReport/3"));
    server.put(R"({"resourceType":"Communication","id":"1","subject":{"reference":"Patient/77"},
        "payload":[{"contentAttachment":{"contentType":"text/plain","url":"Binary/9"}}]})");
    server.put(R"({"resourceType":"Binary","id":"9","contentType":"text/plain","data":"QQ=="})");
    server.put(R"({"resourceType":"QuestionnaireResponse","id":"2","subject":{"reference":
        "Patient/77"},"status":"completed"})");
    server.put(R"({"resourceType":"DiagnosticReport","id":"3","subject":{"reference":"Patient/77"},
        "result":[{"reference":"Observation/4"}]})");
    server.put(R"({"resourceType":"Observation","id":"4","subject":{"reference":"Patient/77"}})");
    const Followed seen = look().value();
    EXPECT_EQ(keys(seen), (Words{"Communication/1", "Binary/9", "QuestionnaireResponse/2",
                                 "DiagnosticReport/3", "Observation/4"}));
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
    EXPECT_TRUE(seen.resources.empty());
    EXPECT_EQ(seen.task["output"].size(), 0u);
    EXPECT_EQ(problems(seen), (Words{"other-patient", "other-patient", "not-found", "elsewhere"}));
    for (const std::string& line : server.transport().log())
        EXPECT_TRUE(line.starts_with("GET https://ehr.example/")) << line;
}

TEST_F(FollowTest, WhatTheTaskContainsOfAnotherPatientIsNotKept) {
    put_task_with(
        R"("contained":[{"resourceType":"DiagnosticReport","id":"r","subject":{"reference":
        "Patient/78"},"conclusion":"Of another."}],"output":[
        {"type":{"text":"report"},"valueReference":{"reference":"#r"}}])");
    const Followed seen = look().value();
    EXPECT_EQ(seen.task.print().find("Of another"), std::string::npos);
    EXPECT_EQ(problems(seen), (Words{"other-patient", "other-patient"}));
}

TEST_F(FollowTest, ReportOnAnotherOrderIsNotTheAnswerToOurs) {
    put_task_with(R"("output":[{"type":{"text":"a"},"valueReference":{"reference":
        "DiagnosticReport/1"}},{"type":{"text":"b"},"valueReference":{"reference":
        "DiagnosticReport/2"}}])");
    for (const char* number : {"8", "9"})
        server.put(R"({"resourceType":"DiagnosticReport","id":")" + std::to_string(*number - '7') +
                   R"(","subject":{"reference":"Patient/77"},"basedOn":[{"reference":
                   "ServiceRequest/)" +
                   number + R"("}]})");
    const Followed seen = look().value();
    EXPECT_EQ(keys(seen), Words{"DiagnosticReport/1"});
    EXPECT_EQ(problems(seen), Words{"other-order"});
}

// Not there now is not "not there".
// https://hl7.org/fhir/R4/valueset-diagnostic-report-status.html: what is entered in error is not
// to be used, and what is registered is not written.
TEST_F(FollowTest, WhatIsWithdrawnOrNotWrittenIsNoOpinion) {
    const auto seen_with = [&](const std::string& members) {
        put_task("completed", output("DocumentReference/1"));
        server.put(R"({"resourceType":"DocumentReference","id":"1","subject":{"reference":
            "Patient/77"},)" +
                   members + "}");
        return look().value();
    };
    for (const char* status : {"entered-in-error", "superseded"}) {
        const Followed seen = seen_with(R"("status":")" + std::string(status) + '"');
        EXPECT_EQ(problems(seen), (Words{"void"})) << status;
        EXPECT_EQ(seen.task["output"].size(), 0u);
        EXPECT_TRUE(seen.resources.empty());
    }
    EXPECT_EQ(problems(seen_with(R"("status":"registered")")), (Words{"not-written"}));
    const Followed draft = seen_with(R"("status":"current","docStatus":"preliminary")");
    EXPECT_TRUE(draft.is_preliminary && draft.problems.empty());
    EXPECT_FALSE(seen_with(R"("status":"current","docStatus":"final")").is_preliminary);
    put_task_with(R"("contained":[{"resourceType":"DiagnosticReport","id":"r","status":"cancelled",
        "subject":{"reference":"Patient/77"},"conclusion":"Stop."}],"output":[)" +
                  output("#r") + "]");
    EXPECT_EQ(problems(look().value()), (Words{"void"}));
}

TEST_F(FollowTest, BytesThatAreNotThoseThatWereToldAreNamed) {
    server.put(R"({"resourceType":"Binary","id":"2","contentType":"text/plain","data":"QQ=="})");
    for (const auto& [told, wanted] : std::vector<std::pair<std::string, Words>>{
             {R"("size":1)", {}},
             {R"("size":16)", {"hash-mismatch"}},
             {R"("hash":"bc1M4j2I4u6VaLpUbAB8Y9kTHBs=")", {}},
             {R"("hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAA=")", {"hash-mismatch"}}}) {
        put_task("completed", output("DocumentReference/1"));
        server.put(R"({"resourceType":"DocumentReference","id":"1","subject":{"reference":
            "Patient/77"},"content":[{"attachment":{"contentType":"text/plain","url":"Binary/2",)" +
                   told + "}}]}");
        EXPECT_EQ(problems(look().value()), wanted) << told;
    }
}

TEST_F(FollowTest, WhatWeSentOurselvesIsNoOpinion) {
    OurOrder ours = order_of_77();
    ours.delivered = {"DocumentReference/1", "Binary/2"};
    put_task("completed", output("DocumentReference/1") + "," + output("Binary/2"));
    const Followed seen = follow(server.client(), "Task/5", ours, server.call()).value();
    EXPECT_EQ(problems(seen), (Words{"sent-by-us", "sent-by-us"}));
    EXPECT_EQ(seen.task["output"].size(), 0u);
}

TEST_F(FollowTest, ServerThatIsBusyIsAskedAgainLater) {
    put_task("completed", output("DiagnosticReport/1"));
    server.fail("DiagnosticReport/1", 503, 1);
    EXPECT_EQ(look().error().kind(), ErrorKind::Unavailable);
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
