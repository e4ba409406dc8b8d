// Destinations that show nobody a Task, whoever made it: that none is found proves nothing.
#include <gtest/gtest.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class UnseenTaskTest : public testing::HospitalPair {
protected:
    using Say = std::function<std::optional<Answer>(const fhir::HttpRequest&)>;

    static bool is_post_of(const fhir::HttpRequest& request, const std::string& path) {
        return request.method == "POST" && request.url.path() == "/fhir" + path;
    }
    static Answer lost() { return Error(ErrorKind::Uncertain, "connection was lost"); }
    Answer stored_and(const fhir::HttpRequest& request, Answer answer) {
        EXPECT_TRUE(destination.transport().send(request, {}).ok());
        return answer;
    }
    // Beside what `say` says.
    void show_no_tasks(Say say) {
        destination_says = [say](const fhir::HttpRequest& request) -> std::optional<Answer> {
            const std::string& asked = request.url.path_and_query();
            if (asked.find("Task?") != std::string::npos || asked.ends_with("Task/_search"))
                return Answer(testing::json_answer(
                    200, R"({"resourceType":"Bundle","type":"searchset","total":0})"));
            return say(request);
        };
    }
    void take_no_transactions(Say say) {
        destination_says = [say](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (is_post_of(request, "")) return Answer(refusal(405));
            return say(request);
        };
    }
    std::size_t tasks_posted() const { return count("POST", "/fhir/Task"); }
    void expect_held_with_one_task() {
        for (int look = 0; look < 3; ++look) {
            EXPECT_EQ(run_until(Delivered), Held);
            EXPECT_EQ(transfer().reason, "uncertain");
            EXPECT_EQ(outcome(), "in-part");
            ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
        }
        EXPECT_EQ(destination.count_of("Task"), 1u);
    }
};

// All the rest of the transaction is seen there: it was carried out.
TEST_F(UnseenTaskTest, WhatWentInATransactionThatWasCarriedOutIsNotSentAgain) {
    for (const int status : {500, 400, 413, 0}) {
        SCOPED_TRACE(status);
        for (const auto& [key, json] : std::map(destination.resources())) destination.erase(key);
        const std::size_t before = posts();
        show_no_tasks([this, status](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (!is_post_of(request, "")) return std::nullopt;
            return stored_and(request, status == 0 ? lost() : Answer(refusal(status)));
        });
        ask();
        expect_held_with_one_task();
        EXPECT_EQ(posts() - before, 1u);
    }
}

TEST_F(UnseenTaskTest, WhatWentInTheLastOfSeveralTransactionsIsNotSentAgain) {
    config.destinations.at("center").deliver.bundle_bytes_max = 60'000;
    restart();
    show_no_tasks([this](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post_of(request, "")) return std::nullopt;
        const bool has_task = request.body.find(R"("resourceType":"Task")") != std::string::npos;
        return has_task ? std::optional<Answer>(stored_and(request, lost())) : std::nullopt;
    });
    ask();
    expect_held_with_one_task();
    EXPECT_GT(posts(), 1u);
}

TEST_F(UnseenTaskTest, WhatWentByItselfIsNotSentAgain) {
    Say one_by_one = [this](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (is_post_of(request, "")) return Answer(refusal(405));
        if (is_post_of(request, "/Task")) return stored_and(request, lost());
        return std::nullopt;
    };
    show_no_tasks(one_by_one);
    ask();
    expect_held_with_one_task();
    EXPECT_EQ(tasks_posted(), 1u + count("POST", "/fhir/Task/_search"));
}

// Where a Task was found before, by the same question, none is there where none is found.
TEST_F(UnseenTaskTest, WhereTasksAreFoundALostRequestIsSentAgain) {
    take_no_transactions([](const fhir::HttpRequest&) { return std::nullopt; });
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    restart();
    int lost_left = 1;
    take_no_transactions([&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post_of(request, "/Task") || --lost_left < 0) return std::nullopt;
        return lost();
    });
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(destination.count_of("Task"), 2u);
    EXPECT_EQ(outcome(), "sent");
}

// It says itself that nothing became of it.
TEST_F(UnseenTaskTest, WhatItWasTooBusyForIsSentAgain) {
    int busy_left = 2;
    take_no_transactions([&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post_of(request, "/Task") || --busy_left < 0) return std::nullopt;
        return Answer(refusal(busy_left == 1 ? 503 : 429));
    });
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(destination.count_of("Task"), 1u);
}

// Entry by entry, and then it hung up: what it did not come to is sent.
TEST_F(UnseenTaskTest, WhatATransactionDidNotComeToIsSent) {
    int broken_left = 1;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post_of(request, "") || --broken_left < 0) return std::nullopt;
        const Answer answer = stored_and(request, lost());
        for (const char* type : {"Task/", "Provenance/", "Consent/", "ServiceRequest/"})
            for (const auto& [key, json] : std::map(destination.resources()))
                if (key.starts_with(type)) destination.erase(key);
        return answer;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(destination.count_of("Task"), 1u);
}

}  // namespace
}  // namespace consultd
