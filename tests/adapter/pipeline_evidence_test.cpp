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
    static Answer lost() { return Error(ErrorKind::Uncertain, "connection was lost"); }
    void erase_last(const std::string& type) {
        std::string last;
        for (const auto& [key, json] : destination.resources())
            if (key.starts_with(type + "/") &&
                std::pair(key.size(), key) > std::pair(last.size(), last))
                last = key;
        destination.erase(last);
    }
};

// The state may be an older copy of itself, from between "sending" and the time of sending. A Task
// is not the whole, and nothing is sent beside it.
TEST_F(EvidenceTest, DestinationIsAskedBeforeTheFirstSendToo) {
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    ASSERT_FALSE(transfer().sent);
    destination.put(R"({"resourceType":"Task","id":"7","status":"requested","identifier":[
        {"system":"urn:consultd:transfer","value":")" +
                    id + R"("}]})");
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(posts(), 0u);
    EXPECT_TRUE(transfer().sent);
    EXPECT_EQ(outcome(), "in-part");
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
    EXPECT_EQ(outcome(), "in-part");
    EXPECT_EQ(testing::json_of(open_part(*store, sealer, id, Part::Refusals).value()).size(), 1u);
    for (int again = 0; again < 3; ++again) {
        ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
        EXPECT_EQ(run_until(Delivered), Held);
    }
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(outcome(), "in-part");
}

// The same, and nobody heard of it.
TEST_F(EvidenceTest, WhatIsMissingIsSeenThoughTheAnswerWasLost) {
    for (const char* type : {"Observation", "Binary", "DocumentReference", "Provenance"}) {
        SCOPED_TRACE(type);
        const std::size_t posts_before = posts();
        destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (!is_post(request)) return std::nullopt;
            EXPECT_TRUE(destination.transport().send(request, {}).ok());
            erase_last(type);
            return lost();
        };
        ask();
        EXPECT_EQ(run_until(Delivered), Held);
        EXPECT_EQ(posts() - posts_before, 1u);
        EXPECT_EQ(outcome(), "in-part");
        EXPECT_FALSE(open_part(*store, sealer, id, Part::Receipt).ok());
    }
}

TEST_F(EvidenceTest, BytesThatDifferThereAreNotDelivered) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.url.path().find("/Binary/") == std::string::npos) return std::nullopt;
        return Answer(testing::json_answer(
            200, R"({"resourceType":"Binary","contentType":"text/html","data":"QQ=="})"));
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "not-all-taken");
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(outcome(), "in-part");
}

// It answers 422, and has stored all of it.
TEST_F(EvidenceTest, RefusalOfWhatIsThereIsNoRefusal) {
    for (const int status : {401, 403, 404, 410, 412, 413, 422, 429, 302, 500}) {
        SCOPED_TRACE(status);
        const std::size_t posts_before = posts();
        destination_says = [&, status](const fhir::HttpRequest& request) -> std::optional<Answer> {
            if (!is_post(request)) return std::nullopt;
            EXPECT_TRUE(destination.transport().send(request, {}).ok());
            return Answer(refusal(status));
        };
        ask();
        EXPECT_EQ(run_until(Delivered), Delivered);
        EXPECT_EQ(posts() - posts_before, 1u);
    }
}

TEST_F(EvidenceTest, NothingIsRefusedBeforeTheDestinationHadItsTime) {
    destination_says = [](const fhir::HttpRequest& request) {
        return is_post(request) ? std::optional<Answer>(refusal(422)) : std::nullopt;
    };
    ask();
    ASSERT_EQ(run_until(Uncertain), Uncertain);
    const Instant sent = clock.now();
    EXPECT_EQ(run_until(Refused), Refused);
    EXPECT_GE(clock.now() - sent, settle);
    EXPECT_EQ(posts(), 1u);
}

// A clock that is set does not shorten the time that the destination is given.
TEST_F(EvidenceTest, ClockThatIsSetForwardEndsNoWait) {
    destination_says = [](const fhir::HttpRequest& request) {
        return is_post(request) ? std::optional<Answer>(lost()) : std::nullopt;
    };
    ask();
    ASSERT_EQ(run_until(Uncertain), Uncertain);
    clock.set_wall(clock.now() + std::chrono::hours(2));
    EXPECT_EQ(step(), Uncertain);
    EXPECT_EQ(posts(), 1u);
}

// A copy of the state from between the intent and the time of sending: what left afterwards is
// still at work there when the daemon is back, and nothing can be found yet.
TEST_F(EvidenceTest, StateFromBeforeTheFirstByteSendsNothingBlindly) {
    std::optional<fhir::HttpRequest> late;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post(request)) return std::nullopt;
        late = request;
        return lost();
    };
    on_crash_point = [&](std::string_view point) {
        for (const char* file : {"/consultd.db", "/consultd.db-wal"})
            if (point == "pipeline.sending")
                std::filesystem::copy(folder + file, folder + file + ".old",
                                      std::filesystem::copy_options::overwrite_existing);
        if (point == "pipeline.sent") throw testing::Died();
    };
    ask();
    EXPECT_THROW(run_until(Delivered), testing::Died);
    on_crash_point = [](std::string_view) {};
    close();
    std::filesystem::remove(folder + "/consultd.db-shm");
    for (const char* file : {"/consultd.db", "/consultd.db-wal"})
        std::filesystem::rename(folder + file + ".old", folder + file);
    open();
    ASSERT_FALSE(transfer().sent);
    EXPECT_EQ(step(), Uncertain);
    ASSERT_TRUE(destination.transport().send(late.value(), {}).ok());
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1u);
}

// ---- the ways

class WaysTest : public EvidenceTest {
protected:
    void expect_one_copy() {
        for (const char* type : {"Patient", "Condition", "Observation", "Bundle", "Consent",
                                 "ServiceRequest", "Provenance", "Task"})
            EXPECT_EQ(destination.count_of(type), 1u) << type;
        EXPECT_EQ(destination.count_of("Binary"), 2u);
        EXPECT_EQ(destination.count_of("DocumentReference"), 2u);
        for (const auto& [key, json] : destination.resources())
            // The document has names of its own.
            EXPECT_TRUE(key.starts_with("Bundle/") ||
                        json.print().find(R"("reference":"urn:uuid:)") == std::string::npos)
                << key;
        EXPECT_EQ(outcome(), "sent");
    }
    static bool is_transaction(const fhir::HttpRequest& request) {
        return request.method == "POST" && request.url.path() == "/fhir";
    }
    void take_no_transactions() {
        destination_says = [](const fhir::HttpRequest& request) {
            return is_transaction(request) ? std::optional<Answer>(refusal(405)) : std::nullopt;
        };
    }
    void take_no_more_than(std::size_t bytes) {
        destination_says = [bytes](const fhir::HttpRequest& request) {
            return is_post(request) && request.body.size() > bytes
                       ? std::optional<Answer>(refusal(413))
                       : std::nullopt;
        };
    }
};

TEST_F(WaysTest, WithoutTransactionsItGoesOneByOneTheTaskLast) {
    take_no_transactions();
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    expect_one_copy();
    std::vector<std::string> written;
    for (const std::string& line : destination_log)
        if (line.starts_with("POST") && line.find("_search") == std::string::npos)
            written.push_back(line);
    EXPECT_EQ(written.front(), "POST /fhir");
    EXPECT_EQ(written.back(), "POST /fhir/Task");
}

// 201, and not a word on where: it is found by its name, and the next one follows at once.
TEST_F(WaysTest, PlacesThatAreNotToldAreFoundAndNobodyWaits) {
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (is_transaction(request)) return Answer(refusal(405));
        if (!is_post(request)) return std::nullopt;
        EXPECT_TRUE(destination.transport().send(request, {}).ok());
        fhir::HttpResponse silent;
        silent.status = 201;
        return Answer(silent);
    };
    ask();
    ASSERT_EQ(run_until(Uncertain), Uncertain);
    const Instant begun = clock.now();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_LT(clock.now() - begun, 2 * settle);
    expect_one_copy();
}

TEST_F(WaysTest, LargerThanItTakesGoesInParts) {
    take_no_more_than(60'000);
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_GT(posts(), 2u);
    expect_one_copy();
}

TEST_F(WaysTest, LargerThanMaxBundleGoesInPartsAtOnce) {
    config.destinations.at("center").deliver.bundle_bytes_max = 60'000;
    restart();
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_GT(posts(), 1u);
    expect_one_copy();
}

TEST_F(WaysTest, ConditionsThatAreNotKnownAreLeftOut) {
    destination_says = [](const fhir::HttpRequest& request) {
        return is_post(request) && request.body.find("ifNoneExist") != std::string::npos
                   ? std::optional<Answer>(refusal(400))
                   : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 2u);
    expect_one_copy();
}

// What was learnt is not learnt again by the next transfer.
TEST_F(WaysTest, WayThatWasFoundIsRemembered) {
    take_no_transactions();
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    const std::size_t refused = count("POST", "/fhir") - count("POST", "/fhir/");
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(count("POST", "/fhir") - count("POST", "/fhir/"), refused);
}

TEST_F(WaysTest, DeathBetweenAnyTwoRequestsDeliversOnce) {
    for (const char* fatal : {"pipeline.send", "pipeline.sent", "pipeline.answered"})
        for (int times = 1; times <= 10; times += 3) {
            SCOPED_TRACE(std::string(fatal) + ":" + std::to_string(times));
            for (const auto& [key, json] : std::map(destination.resources()))
                destination.erase(key);
            take_no_transactions();
            ask();
            int left = times;
            on_crash_point = [&](std::string_view point) {
                if (point == fatal && --left == 0) throw testing::Died();
            };
            EXPECT_THROW(run_until(Delivered), testing::Died);
            on_crash_point = [](std::string_view) {};
            restart();
            EXPECT_EQ(run_until(Delivered), Delivered);
            EXPECT_EQ(destination.count_of("Task"), 1u);
            EXPECT_EQ(destination.count_of("Binary"), 2u);
            EXPECT_EQ(destination.count_of("Observation"), 1u);
            EXPECT_EQ(destination.count_of("Patient"), 1u);
        }
}

}  // namespace
}  // namespace consultd
