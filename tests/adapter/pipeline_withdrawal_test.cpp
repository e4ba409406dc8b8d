// A patient's wish to withdraw, at every moment of a transfer: before the first byte it is obeyed.
#include <gmock/gmock.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

// The points between two durable writes, in order; from "pipeline.send" on the time of sending is
// stored.
const std::vector<std::string> before_the_first_byte{"pipeline.pulling", "pipeline.prepared",
                                                     "pipeline.transaction-stored",
                                                     "pipeline.intent-logged", "pipeline.sending"};
const std::vector<std::string> after_it{"pipeline.send", "pipeline.sent", "pipeline.outcome-logged",
                                        "pipeline.delivered"};

class WithdrawalTest : public testing::HospitalPair {
protected:
    // A transaction; a search by POST writes nothing.
    static bool is_post(const fhir::HttpRequest& request) {
        return request.method == "POST" && !request.url.path().ends_with("/_search");
    }
    static Answer lost() { return Error(ErrorKind::Uncertain, "connection was lost"); }
    Transfer wish() { return store->ask_withdrawal(id, clock.now()).value().value(); }
    // Runs until it stands still; the wish comes at the point.
    TransferState run_with_wish_at(const std::string& point) {
        ask();
        on_crash_point = [&](std::string_view here) {
            if (here == point) wish();
        };
        run_until(Delivered);
        on_crash_point = [](std::string_view) {};
        return transfer().state;
    }
    std::string last_outcome() {
        EXPECT_TRUE(pipeline->reconcile().ok());
        const auto known = disclosures->find(id);
        if (!known) return "(no intent)";
        if (!known->outcome_index) return "(open)";
        const fhir::Json event = testing::json_of(audit_log->entry(*known->outcome_index).value());
        return std::string(event["outcomeDesc"].string());
    }
    std::string task_there() {
        const auto& all = destination.resources();
        const auto found = all.find(transfer().destination_task);
        return found == all.end() ? "(none)" : std::string(found->second["status"].string());
    }
    static constexpr Milliseconds settle{15'000};
};

// The wish reaches the other side, and the proof of it is kept.
TEST_F(WithdrawalTest, WhatHasArrivedIsTakenBackThereWithAReceipt) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    wish();
    EXPECT_EQ(step(), Withdrawn);
    EXPECT_EQ(task_there(), "cancelled");
    const std::vector<fhir::Json> events = audited("withdrawal");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0]["outcomeDesc"].string(), "task-cancelled");
    const std::string receipt = open_part(*store, sealer, id, Part::Withdrawal).value();
    EXPECT_NE(receipt.find("task-cancelled"), std::string::npos);
    EXPECT_EQ(last_outcome(), "sent") << "that it was disclosed is not denied";
    EXPECT_EQ(wish().state, Withdrawn);
    EXPECT_EQ(posts(), 1u);
}

// Where the configuration says so: what came is deleted, but for the notice, and the chart, which
// others may have filed into since.
TEST_F(WithdrawalTest, WhatWasDeliveredIsDeletedThereIfTheConfigurationSaysSo) {
    config.destinations.at("center").deliver.delete_on_withdrawal = true;
    restart();
    destination.mind_references();
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    const std::size_t delivered = destination.resources().size();
    destination.put(R"({"resourceType":"Observation","id":"theirs","subject":{"reference":
        "Patient/1"}})");
    wish();
    EXPECT_EQ(step(), Withdrawn);
    EXPECT_EQ(destination.count_of("Patient"), 1u);
    EXPECT_EQ(destination.count_of("Task"), 1u);
    EXPECT_TRUE(destination.resources().contains("Observation/theirs"));
    EXPECT_EQ(destination.resources().size(), 3u);
    EXPECT_EQ(task_there(), "cancelled");
    const std::string lines = open_part(*store, sealer, id, Part::Deletions).value();
    EXPECT_EQ(std::ranges::count(lines, '\n'), static_cast<std::ptrdiff_t>(delivered - 2));
    EXPECT_EQ(lines.find("refused"), std::string::npos);
    const std::string receipt = open_part(*store, sealer, id, Part::Withdrawal).value();
    EXPECT_NE(receipt.find(crypto::hex(crypto::sha256(lines))), std::string::npos);
}

// It takes the withdrawal and deletes nothing: that is its answer, and the receipt has it.
TEST_F(WithdrawalTest, ADestinationThatDeletesNothingIsInTheReceiptWithItsAnswers) {
    config.destinations.at("center").deliver.delete_on_withdrawal = true;
    restart();
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    wish();
    destination_says = [](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.method != "DELETE") return std::nullopt;
        return refusal(405);
    };
    EXPECT_EQ(step(), Withdrawn);
    const std::string lines = open_part(*store, sealer, id, Part::Deletions).value();
    EXPECT_EQ(lines.find("deleted"), std::string::npos);
    EXPECT_NE(lines.find("\"outcome\":\"refused\",\"status\":405"), std::string::npos);
    EXPECT_EQ(count("DELETE", "/Patient"), 0u);
    EXPECT_EQ(count("DELETE", "/Task"), 0u);
}

// Whatever the other side says, the wish stands until it has it.
TEST_F(WithdrawalTest, ADestinationThatDoesNotTakeItIsToldAgain) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    wish();
    destination_says = [](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.method == "GET") return std::nullopt;
        return refusal(403);
    };
    for (int tries = 0; tries < 20; ++tries) EXPECT_EQ(step(), Delivered);
    EXPECT_EQ(transfer().reason, "withdrawal-not-taken");
    EXPECT_TRUE(audited("withdrawal").empty());
    destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    EXPECT_EQ(step(), Withdrawn);
    EXPECT_EQ(task_there(), "cancelled");
}

TEST_F(WithdrawalTest, ADeathBetweenTheirAnswerAndOurStateTellsItAgain) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    wish();
    destination_says = [this](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.method != "PUT") return std::nullopt;
        EXPECT_TRUE(destination.transport().send(request, {}).ok());
        throw testing::Died();
    };
    EXPECT_THROW(step(), testing::Died);
    destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    restart();
    EXPECT_EQ(step(), Withdrawn);
    EXPECT_EQ(audited("withdrawal").size(), 1u);
}

// Closed, and the patient changes their mind.
TEST_F(WithdrawalTest, WhatWasClosedIsTakenBackAsWell) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    const Lease lease = claim();
    Transfer closed = lease.transfer;
    closed.state = Closed;
    ASSERT_TRUE(store->save(lease, closed, {}).ok());
    ASSERT_TRUE(store->release(lease).ok());
    EXPECT_EQ(wish().state, Delivered);
    EXPECT_EQ(step(), Withdrawn);
    EXPECT_EQ(task_there(), "cancelled");
}

TEST_F(WithdrawalTest, BeforeTheFirstByteNothingLeavesWhereverAStepIs) {
    for (const std::string& point : before_the_first_byte) {
        SCOPED_TRACE(point);
        EXPECT_EQ(run_with_wish_at(point), Withdrawn);
        EXPECT_EQ(transfer().reason, "cancelled");
        EXPECT_FALSE(transfer().sent);
        EXPECT_EQ(posts(), 0u);
        clock.advance(settle);
        const bool has_intent = point != "pipeline.pulling" && point != "pipeline.prepared";
        EXPECT_EQ(last_outcome(), has_intent ? "not-sent" : "(no intent)");
        EXPECT_EQ(posts(), 0u);
    }
    EXPECT_TRUE(log.errors.empty());
}

TEST_F(WithdrawalTest, AfterTheTimeOfSendingTheWishIsKeptAndTheRecordArrivesOnce) {
    std::size_t sent = 0;
    for (const std::string& point : after_it) {
        SCOPED_TRACE(point);
        EXPECT_EQ(run_with_wish_at(point), Delivered);
        EXPECT_EQ(posts(), ++sent);
        EXPECT_TRUE(transfer().withdrawal_asked);
        EXPECT_EQ(last_outcome(), "sent");
        // And then it is taken back there, at once.
        EXPECT_LE(transfer().due, clock.now());
        EXPECT_EQ(step(), Withdrawn);
        EXPECT_EQ(task_there(), "cancelled");
    }
}

// The wish is durable, and then the power fails.
TEST_F(WithdrawalTest, WishOutlivesADeathAtEachPoint) {
    std::vector<std::string> points = before_the_first_byte;
    points.insert(points.end(), after_it.begin(), after_it.end());
    for (const std::string& point : points) {
        SCOPED_TRACE(point);
        ask();
        on_crash_point = [&](std::string_view here) {
            if (here != point) return;
            wish();
            throw testing::Died();
        };
        const std::size_t posts_before = posts();
        EXPECT_THROW(run_until(Delivered), testing::Died);
        on_crash_point = [](std::string_view) {};
        restart();
        EXPECT_TRUE(transfer().withdrawal_asked);
        const bool arrived = posts() > posts_before;
        EXPECT_EQ(run_until(Delivered), arrived ? Delivered : Withdrawn);
        EXPECT_EQ(posts() - posts_before, arrived ? 1u : 0u);
        clock.advance(settle);
        const std::string said = last_outcome();
        if (arrived) EXPECT_EQ(said, "sent");
        // Killed after the time of sending was stored: bytes may have left, for all that is known.
        else if (point == "pipeline.send")
            EXPECT_EQ(said, "nothing-there");
        else
            EXPECT_TRUE(said == "not-sent" || said == "(no intent)") << said;
    }
}

TEST_F(WithdrawalTest, AtEachRequestOfAPullTheRestOfItIsForNothing) {
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    const std::size_t requests = source_log.size();
    ASSERT_GE(requests, 4u);
    for (std::size_t at = 1; at <= requests; ++at) {
        SCOPED_TRACE(at);
        restart();  // so that all is asked for again
        ask();
        std::size_t count = 0;
        on_source_request = [&] {
            if (++count == at) wish();
        };
        EXPECT_EQ(run_until(Delivered), Withdrawn);
        on_source_request = [] {};
        EXPECT_FALSE(store->part(id, Part::Bundle).value()) << "nothing of it was kept";
    }
    EXPECT_TRUE(destination_log.empty());
    EXPECT_TRUE(audited("disclosure-intent").empty());
}

// A source that is down, or a record that cannot be read, does not keep it from being withdrawn.
TEST_F(WithdrawalTest, StepThatFailsIsWithdrawnAndNotHeld) {
    for (const int status : {503, 403}) {
        ask();
        on_source_request = [this] { wish(); };
        source.fail("metadata", status);
        source.fail("Patient/anna", status);
        EXPECT_EQ(run_until(Delivered), Withdrawn) << status;
        on_source_request = [] {};
    }
}

TEST_F(WithdrawalTest, HeldTransferIsWithdrawnAtOnce) {
    order.consent = consent("inactive");
    ask();
    ASSERT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(wish().state, Withdrawn);
}

// It could not be said whether it arrived; then it is shown that nothing did.
TEST_F(WithdrawalTest, WhatIsNotThereIsNotSentAgain) {
    destination_says = [](const fhir::HttpRequest& request) {
        return is_post(request) ? std::optional<Answer>(lost()) : std::nullopt;
    };
    ask();
    ASSERT_EQ(run_until(Uncertain), Uncertain);
    EXPECT_EQ(wish().state, Uncertain) << "records may have left";
    destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    EXPECT_EQ(run_until(Delivered), Withdrawn);
    EXPECT_EQ(posts(), 1u);
    EXPECT_TRUE(transfer().sent) << "bytes may have left, and that is not denied";
    EXPECT_EQ(last_outcome(), "nothing-there");
    EXPECT_TRUE(disclosures->unsettled().empty());
}

TEST_F(WithdrawalTest, WhatIsThereIsDeliveredThoughItWasToBeWithdrawn) {
    destination_says = [this](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post(request)) return std::nullopt;
        EXPECT_TRUE(destination.transport().send(request, {}).ok());
        wish();
        return lost();
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(last_outcome(), "sent");
    EXPECT_TRUE(transfer().withdrawal_asked);
}

// The destination had no time for it and took nothing: there is nothing to wait for.
TEST_F(WithdrawalTest, SendThatWasTurnedAwayIsNotTriedAgain) {
    destination_says = [this](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (!is_post(request)) return std::nullopt;
        wish();
        return refusal(429);
    };
    ask();
    EXPECT_EQ(run_until(Delivered), Withdrawn);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(destination.count_of("Task"), 0u);
}

// The wish comes between the read-back that finds nothing and the second send.
TEST_F(WithdrawalTest, SecondSendIsStoppedAtTheLastMoment) {
    bool is_second = false;
    destination_says = [&](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (is_post(request)) return lost();
        if (is_second) wish();
        return std::nullopt;
    };
    ask();
    ASSERT_EQ(run_until(Uncertain), Uncertain);
    is_second = true;
    EXPECT_EQ(run_until(Delivered), Withdrawn);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(last_outcome(), "nothing-there");
}

// The log says delivered, the state is an older copy, and it is cancelled while a worker has it.
TEST_F(WithdrawalTest, WhatTheLogSaysWasDeliveredIsNotCalledWithdrawn) {
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    for (const char* file : {"/consultd.db", "/consultd.db-wal"})
        std::filesystem::copy(folder + file, folder + file + ".old");
    ASSERT_EQ(run_until(Delivered), Delivered);
    close();
    std::filesystem::remove(folder + "/consultd.db-shm");
    for (const char* file : {"/consultd.db", "/consultd.db-wal"})
        std::filesystem::rename(folder + file + ".old", folder + file);
    open();
    const Lease lease = claim();
    wish();
    ASSERT_TRUE(store->release(lease).ok());
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1u);
    EXPECT_EQ(audited("disclosure-outcome").size(), 1u);
}

}  // namespace
}  // namespace consultd
