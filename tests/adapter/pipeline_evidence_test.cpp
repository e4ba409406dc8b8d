// What is known of the destination before something is said of it.
#include <gtest/gtest.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class EvidenceTest : public testing::HospitalPair {
protected:
    // A transaction; a search by POST writes nothing.
    static bool is_post(const fhir::HttpRequest& request) {
        return request.method == "POST" && !request.url.path().ends_with("/_search");
    }
};

// The state may be an older copy of itself, from between "sending" and the time of sending.
TEST_F(EvidenceTest, DestinationIsAskedBeforeTheFirstSendToo) {
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    ASSERT_FALSE(transfer().sent);
    destination.put(R"({"resourceType":"Task","id":"7","status":"requested","identifier":[
        {"system":"urn:consultd:transfer","value":")" +
                    id + R"("}]})");
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 0u);
    EXPECT_TRUE(transfer().sent);
    EXPECT_EQ(outcome(), "sent");
}

TEST_F(EvidenceTest, DestinationThatCannotBeAskedIsSentNothing) {
    destination_says = [](const fhir::HttpRequest& request) {
        return request.url.path_and_query().find("Task?") != std::string::npos
                   ? std::optional<Answer>(refusal(503))
                   : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Held, 200), Held);
    EXPECT_EQ(transfer().reason, "unavailable");
    EXPECT_EQ(posts(), 0u);
}

// A receiver that takes a transaction entry by entry: what it refused is not there, and a Task that
// is found says nothing about it.
TEST_F(EvidenceTest, WhatWasRefusedInPartIsNeverCalledDelivered) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post(request)) return std::nullopt;
        const Answer answer = destination.transport().send(request, {});
        std::string body = answer->body;
        const std::string good = R"("status":"201 Created")";
        body.replace(body.find(good), good.size(), R"("status":"400 Bad Request")");
        return Answer(testing::json_answer(200, body));
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "not-all-taken");
    EXPECT_EQ(destination.count_of("Task"), 1u);
    EXPECT_EQ(outcome(), "");
    for (int again = 0; again < 3; ++again) {
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
        EXPECT_EQ(run_until(Delivered), Held);
    }
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(outcome(), "");
}

}  // namespace
}  // namespace consultd
