#include "adapter/stages/withdraw.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

using Way = WithdrawnThere::Way;
using Answer = testing::FakeTransport::Answer;

// A destination with one Task, in memory; what it refuses is a test's.
class WithdrawTest : public ::testing::Test {
protected:
    WithdrawTest()
        : transport_([this](const fhir::HttpRequest& request) { return answer(request); }),
          client_(fhir::Url::parse("https://center.example/fhir").value(), transport_, door_,
                  clock_) {}

    Result<WithdrawnThere> withdraw() {
        return withdraw_there(client_, "Task/5", "t-1", clock_.now(),
                              {.deadline = Deadline::after(clock_, std::chrono::minutes(2))});
    }
    Answer answer(const fhir::HttpRequest& request) {
        const std::string path = request.url.path().substr(6);
        if (request.method == "PUT") {
            seen_etag = std::string(request.headers.find("If-Match").value_or(""));
            if (put_status == 200) status = "cancelled";
            return testing::json_answer(put_status, put_status == 200 ? task() : outcome);
        }
        if (path == "Task/5") {
            fhir::HttpResponse found = testing::json_answer(task_status, task());
            found.headers.add("ETag", "W/\"3\"");
            return found;
        }
        if (path == "Communication/_search")
            return testing::json_answer(
                200, R"({"resourceType":"Bundle","type":"searchset")" +
                         (communications.empty()
                              ? "}"
                              : R"(,"entry":[{"resource":)" + communications.back() + "}]}"));
        if (post_status != 201) return testing::json_answer(post_status, outcome);
        communications.push_back(testing::json_of(request.body).with("id", "9").print());
        fhir::HttpResponse made = testing::json_answer(201, communications.back());
        made.headers.add("Location", "https://center.example/fhir/Communication/9/_history/1");
        return made;
    }
    std::string task() const {
        return R"({"resourceType":"Task","id":"5","status":")" + status +
               R"(","identifier":[{"system":"urn:consultd:transfer","value":")" + transfer +
               R"("}],"for":{"reference":"Patient/77"},"note":[{"text":"theirs"}]})";
    }
    static constexpr const char* outcome =
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing"}]})";

    std::string status = "in-progress", transfer = "t-1", seen_etag;
    int put_status = 200, post_status = 201, task_status = 200;
    std::vector<std::string> communications;
    testing::FakeClock clock_;
    testing::OpenDoor door_;
    testing::FakeTransport transport_;
    fhir::FhirClient client_;
};

TEST_F(WithdrawTest, TheTaskThereIsCancelledOnWhatWasReadAndReadAgain) {
    const auto told = withdraw();
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->way, Way::TaskCancelled);
    EXPECT_EQ(told->where, "Task/5");
    EXPECT_EQ(seen_etag, "W/\"3\"");
    EXPECT_TRUE(communications.empty());
    EXPECT_EQ(withdraw()->way, Way::WasCancelled) << "again, after a lost answer";
}

// It does not let others change its Tasks, has finished with it, or has it no more.
TEST_F(WithdrawTest, WhereTheTaskCannotBeCancelledACommunicationAsksOnce) {
    const auto asked_once = [&] {
        const auto told = withdraw();
        ASSERT_TRUE(told.ok()) << told.error().message();
        EXPECT_EQ(told->way, Way::Asked);
        EXPECT_EQ(told->where, "Communication/9");
        EXPECT_EQ(withdraw()->where, "Communication/9");
        EXPECT_EQ(communications.size(), 1u);
        communications.clear();
    };
    for (const int refused : {403, 405, 422, 501}) {
        put_status = refused;
        asked_once();
    }
    status = "completed";
    asked_once();
    task_status = 410;
    asked_once();
}

TEST_F(WithdrawTest, TheCommunicationSaysWhichTaskAndWhosePatient) {
    status = "completed";
    ASSERT_TRUE(withdraw().ok());
    const fhir::Json said = testing::json_of(communications.at(0));
    EXPECT_EQ(said["about"].items()[0]["reference"].string(), "Task/5");
    EXPECT_EQ(said["subject"]["reference"].string(), "Patient/77");
    EXPECT_EQ(said["identifier"].items()[0]["value"].string(), "t-1");
}

TEST_F(WithdrawTest, NothingIsSaidToBeWithdrawnThatWasNot) {
    put_status = 503;
    EXPECT_EQ(withdraw().error().kind(), ErrorKind::Uncertain);
    put_status = 412;
    EXPECT_EQ(withdraw().error().kind(), ErrorKind::Conflict) << "it was changed in between";
    EXPECT_TRUE(communications.empty());
    put_status = post_status = 403;
    EXPECT_EQ(withdraw().error().kind(), ErrorKind::Forbidden);
    transfer = "t-2";
    EXPECT_EQ(withdraw().error().kind(), ErrorKind::Malformed) << "a Task that is not ours";
}

}  // namespace
}  // namespace consultd
