// The audit log outlives the database: what it knows as sent is not sent again by an order that
// nobody else remembers.
#include <gtest/gtest.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

class SentBeforeTest : public testing::HospitalPair {
protected:
    SentBeforeTest() { order.is_again = false; }

    void lose_database() {
        close();
        for (const char* file : {"/consultd.db", "/consultd.db-wal", "/consultd.db-shm"})
            std::filesystem::remove(folder + file);
        open();
    }
    void die_at(const char* fatal) {
        on_crash_point = [fatal](std::string_view point) {
            if (point == fatal) throw testing::Died();
        };
        EXPECT_THROW(run_until(Delivered), testing::Died);
        on_crash_point = [](std::string_view) {};
    }
    void deliver() {
        ask();
        ASSERT_EQ(run_until(Delivered), Delivered);
    }
    fhir::Json known() {
        return testing::json_of(open_part(*store, sealer, id, Part::SentBefore).value());
    }
    void expect_held_for(const std::string& earlier, const std::string& word, bool is_there) {
        EXPECT_EQ(run_until(Delivered), Held);
        EXPECT_EQ(transfer().reason, "sent-before");
        EXPECT_EQ(known()["transfer"].string(), earlier);
        EXPECT_EQ(known()["known"].string(), word);
        EXPECT_EQ(known()["there"].is_true(), is_there);
        EXPECT_EQ(destination.count_of("Task"), 1u);
    }
};

TEST_F(SentBeforeTest, LostDatabaseAndTheSameOrderTypedAgainSendsNoSecondCopy) {
    deliver();
    const std::string first = id;
    lose_database();
    ask();
    expect_held_for(first, "sent", true);
    // Whoever lets it go on is told the same.
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now()).value()).ok());
    expect_held_for(first, "sent", true);
    EXPECT_EQ(audited("disclosure-intent").size(), 1u);
}

TEST_F(SentBeforeTest, LostDatabaseAndACopyThatNobodyHeardOfSendsNoSecondCopy) {
    ask();
    die_at("pipeline.sent");
    const std::string first = id;
    lose_database();
    ask();
    expect_held_for(first, "intended", true);
}

TEST_F(SentBeforeTest, IntentOfWhichNothingIsThereIsInNobodysWayAfterTheDestinationsTime) {
    ask();
    die_at("pipeline.intent-logged");
    lose_database();
    ask();
    const Instant begun = clock.now();
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_GE(clock.now() - begun, settle);
    EXPECT_EQ(destination.count_of("Task"), 1u);
}

TEST_F(SentBeforeTest, DestinationThatCannotBeAskedForAnOpenIntentIsSentNothing) {
    ask();
    die_at("pipeline.intent-logged");
    lose_database();
    destination_says = [](const fhir::HttpRequest& request) {
        return request.url.path_and_query().find("Task?") != std::string::npos
                   ? std::optional<Answer>(refusal(503))
                   : std::nullopt;
    };
    ask();
    EXPECT_EQ(run_until(Delivered, 200), Held);
    EXPECT_EQ(posts(), 0u);
}

TEST_F(SentBeforeTest, PatientNamedByAnIdAndByAnIdentifierIsOnePatient) {
    source.offer("Patient", {"identifier"});
    deliver();
    const std::string first = id;
    order.patient_id.clear();
    order.patient_system = "urn:mrn";
    order.patient_value = "1";
    ask();
    expect_held_for(first, "sent", true);
}

TEST_F(SentBeforeTest, OfTwoThatAreReadyAtOnceOneIsSent) {
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    const std::string first = id;
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    const std::string second = id;
    id = first;
    ASSERT_EQ(run_until(Sending), Sending);
    id = second;
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(known()["transfer"].string(), first);
    id = first;
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(destination.count_of("Task"), 1u);
}

TEST_F(SentBeforeTest, AnotherCopyIsSentToWhoeverAsksForOne) {
    deliver();
    lose_database();
    order.is_again = true;
    deliver();
    EXPECT_EQ(destination.count_of("Task"), 2u);
}

TEST_F(SentBeforeTest, AnotherDayIsAnotherDisclosureAndTheSameNameTheSameForEver) {
    deliver();
    clock.advance(same_disclosure_span + std::chrono::hours(1));
    deliver();
    order.identifiers = {{"urn:clinic", "order-1"}};
    deliver();
    const std::string named = id;
    EXPECT_EQ(destination.count_of("Task"), 3u);
    clock.advance(std::chrono::hours(24 * 30));
    lose_database();
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(known()["transfer"].string(), named);
    order.identifiers = {{"urn:clinic", "order-2"}};
    deliver();
}

TEST_F(SentBeforeTest, WhatTheDestinationGaveBackMayBeSentAgain) {
    deliver();
    ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    ASSERT_EQ(run_until(Withdrawn), Withdrawn);
    deliver();
    lose_database();
    ask();
    EXPECT_EQ(run_until(Delivered), Held);
}

}  // namespace
}  // namespace consultd
