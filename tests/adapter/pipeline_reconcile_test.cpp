// What the audit log says became of a transfer that has ended is proven at its destination.
#include <gmock/gmock.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;
using ::testing::Contains;

class ReconcileTest : public testing::HospitalPair {
protected:
    // Dies at the point, and starts again.
    void die_at(const char* fatal) {
        on_crash_point = [fatal](std::string_view point) {
            if (point == fatal) throw testing::Died();
        };
        EXPECT_THROW(run_until(Delivered), testing::Died);
        on_crash_point = [](std::string_view) {};
        restart();
    }
    void withdraw() {
        ASSERT_EQ(store->ask_withdrawal(id, clock.now()).value().value().state, Withdrawn);
    }
    // A copy of the state, as it is on disk at the point, is put back after the death at `fatal`.
    void fall_back_to(const char* backup_at, const char* fatal) {
        on_crash_point = [=, this](std::string_view point) {
            for (const char* file : {"/consultd.db", "/consultd.db-wal"})
                if (point == backup_at)
                    std::filesystem::copy(folder + file, folder + file + ".old",
                                          std::filesystem::copy_options::overwrite_existing);
            if (point == fatal) throw testing::Died();
        };
        EXPECT_THROW(run_until(Delivered), testing::Died);
        on_crash_point = [](std::string_view) {};
        close();
        std::filesystem::remove(folder + "/consultd.db-shm");
        for (const char* file : {"/consultd.db", "/consultd.db-wal"})
            std::filesystem::rename(folder + file + ".old", folder + file);
        open();
    }
    void reconcile() {
        const Status done = pipeline->reconcile();
        EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message());
    }
};

TEST_F(ReconcileTest, WithdrawnTransferWithAnIntentIsAuditedAsNotSent) {
    ask();
    die_at("pipeline.intent-logged");
    clock.advance(settle);
    reconcile();
    EXPECT_EQ(outcome(), "") << "it may still be sent";
    withdraw();
    clock.advance(settle);
    reconcile();
    reconcile();
    EXPECT_EQ(outcome(), "not-sent");
    EXPECT_EQ(count("GET", "Task?"), 1u);
    EXPECT_TRUE(disclosures->unsettled().empty());
    EXPECT_EQ(store->checkpoint().value(), audit_log->checkpoint());
}

// Bytes left, the state fell back to before they did, and the transfer was cancelled there.
TEST_F(ReconcileTest, NotSentIsNeverSaidWhileACopyIsThere) {
    std::size_t done = 0;
    for (const char* backup_at : {"pipeline.pulling", "pipeline.prepared",
                                  "pipeline.transaction-stored", "pipeline.intent-logged"})
        for (const char* fatal : {"pipeline.sent", "pipeline.outcome-logged"}) {
            SCOPED_TRACE(std::string(backup_at) + " " + fatal);
            ask();
            fall_back_to(backup_at, fatal);
            ASSERT_FALSE(transfer().sent);
            withdraw();
            clock.advance(settle);
            reconcile();
            reconcile();
            const std::vector<fhir::Json> outcomes = audited("disclosure-outcome");
            ASSERT_EQ(outcomes.size(), ++done);
            EXPECT_EQ(outcomes.back()["outcomeDesc"].string(), "sent");
            EXPECT_THAT(log.errors, Contains("ended-and-found-there"));
            EXPECT_EQ(transfer().state, Withdrawn);
            EXPECT_EQ(transfer().reason, "found-there");
            EXPECT_EQ(transfer().destination_task.substr(0, 5), "Task/");
            EXPECT_TRUE(transfer().sent && transfer().outcome_index);
            EXPECT_TRUE(disclosures->unsettled().empty());
            EXPECT_EQ(posts(), done);
            restart();
            reconcile();
            EXPECT_EQ(audited("disclosure-outcome").size(), done);
        }
}

TEST_F(ReconcileTest, NothingIsSaidWhileTheDestinationCannotBeAsked) {
    ask();
    fall_back_to("pipeline.prepared", "pipeline.sent");
    withdraw();
    clock.advance(settle);
    destination_says = [](const fhir::HttpRequest&) { return Answer(refusal(503)); };
    for (int looks = 0; looks < 100; ++looks) {
        reconcile();
        clock.advance(Milliseconds(1'000));
    }
    EXPECT_EQ(outcome(), "");
    EXPECT_GT(count("GET", "Task?"), 2u);
    EXPECT_LT(count("GET", "Task?"), 20u) << "it is not asked every second";
    destination_says = [](const fhir::HttpRequest&) { return std::nullopt; };
    clock.advance(std::chrono::minutes(11));
    reconcile();
    EXPECT_EQ(outcome(), "sent");
}

// The request may still be at work there when the daemon is back.
TEST_F(ReconcileTest, WhatIsNotThereYetIsGivenItsTime) {
    ask();
    die_at("pipeline.intent-logged");
    withdraw();
    clock.advance(settle - Milliseconds(1));
    reconcile();
    EXPECT_EQ(outcome(), "");
    EXPECT_EQ(count("GET", "Task?"), 0u);
    clock.advance(Milliseconds(1));
    reconcile();
    EXPECT_EQ(outcome(), "not-sent");
}

// What this process did not send was sent by the one before, if at all.
TEST_F(ReconcileTest, ADaemonThatHasRunForLongWaitsForNothing) {
    ask();
    die_at("pipeline.intent-logged");
    clock.advance(settle);
    withdraw();
    reconcile();
    EXPECT_EQ(outcome(), "not-sent");
}

// An operator may take a source out of the configuration while transfers of it are on record.
TEST_F(ReconcileTest, ReconcileOutlivesItsSource) {
    ask();
    die_at("pipeline.intent-logged");
    withdraw();
    clock.advance(settle);
    config.sources.clear();
    reconcile();
    EXPECT_EQ(outcome(), "not-sent");
}

TEST_F(ReconcileTest, WhoseDestinationLeftTheConfigurationIsNotJudged) {
    ask();
    die_at("pipeline.intent-logged");
    withdraw();
    clock.advance(settle);
    config.destinations.clear();
    restart();
    EXPECT_NO_THROW(reconcile());
    EXPECT_EQ(outcome(), "");
}

// The daemon was away for longer than the record is kept.
TEST_F(ReconcileTest, ReconcileOutlivesTheRecord) {
    ask();
    die_at("pipeline.intent-logged");
    withdraw();
    clock.advance(settle);
    ASSERT_TRUE(store
                    ->forget(clock.now() + std::chrono::hours(1),
                             {Part::Request, Part::Consent, Part::Bundle})
                    .ok());
    reconcile();
    EXPECT_EQ(outcome(), "not-sent");
}

TEST_F(ReconcileTest, WhatTheStateSaysTooIsSettledWithoutAsking) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    const std::size_t asked = destination_log.size();
    restart();
    EXPECT_EQ(disclosures->unsettled(), std::vector<std::string>{id});
    reconcile();
    EXPECT_TRUE(disclosures->unsettled().empty());
    EXPECT_EQ(destination_log.size(), asked);
}

// A new order has no time of its own that is known: the log's newest is.
TEST_F(ReconcileTest, ClockThatIsBehindTheLogRevivesNoConsent) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    const Instant ended = clock.now() - std::chrono::hours(24);
    clock.set_wall(clock.now() - std::chrono::hours(48));
    restart();
    order.consent = consent("active", R"({"type":"permit","period":{"start":"2020-01-01","end":")" +
                                          format_instant(ended) + "\"}}");
    ask();
    EXPECT_EQ(run_until(Held), Held);
    EXPECT_EQ(transfer().reason, "consent");
    EXPECT_EQ(posts(), 1u);
}

}  // namespace
}  // namespace consultd
