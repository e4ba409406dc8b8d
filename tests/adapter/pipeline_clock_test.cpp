// Somebody sets the wall clock: no wait is shorter or longer for it.
#include "adapter/worker.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

constexpr Milliseconds year = std::chrono::hours(24 * 365);

class ClockJumpTest : public testing::HospitalPair {
protected:
    bool works() {
        Worker worker(
            [this] { return std::shared_ptr<Pipeline>(std::shared_ptr<void>(), pipeline.get()); },
            *store, clock, log, "test");
        return worker.run_once({}).value();
    }
    void jump(Milliseconds by) { clock.set_wall(clock.now() + by); }
    Milliseconds wait() { return transfer().due - pipeline->time_of_waits(); }
    // It waits as long as it did before the clock was set, and not longer.
    void expect_to_wait() {
        const Milliseconds left = wait();
        ASSERT_GT(left, Milliseconds(0));
        for (const Milliseconds by : {year, -2 * year}) {
            jump(by);
            EXPECT_FALSE(works()) << by.count();
            EXPECT_EQ(wait(), left);
        }
        clock.advance(left);
        EXPECT_TRUE(works());
    }
};

TEST_F(ClockJumpTest, NextAttemptComesWhenItsTimeHasPassed) {
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    destination_says = [](const fhir::HttpRequest&) { return Answer(refusal(503)); };
    ASSERT_TRUE(works());
    ASSERT_EQ(transfer().state, Prepared);
    expect_to_wait();
}

TEST_F(ClockJumpTest, NothingIsSentAgainBeforeTheDestinationHadItsTime) {
    destination_says = [](const fhir::HttpRequest& request) -> std::optional<Answer> {
        if (request.method != "POST" || request.url.path().ends_with("_search"))
            return std::nullopt;
        return Answer(Error(ErrorKind::Uncertain, "connection was lost"));
    };
    ask();
    ASSERT_EQ(run_until(Uncertain), Uncertain);
    const MonotonicTime sent = clock.monotonic_now();
    ASSERT_EQ(posts(), 1u);
    for (int looks = 0; posts() == 1u && looks < 50; ++looks) {
        jump(looks % 2 == 0 ? year : -2 * year);
        if (!works()) clock.advance(wait());
    }
    EXPECT_EQ(posts(), 2u);
    EXPECT_GE(clock.monotonic_now() - sent, settle);
    EXPECT_LE(clock.monotonic_now() - sent, 4 * settle) << "and not for ever later";
}

TEST_F(ClockJumpTest, OpinionIsLookedForAsOftenAsConfiguredAndForAsLong) {
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    expect_to_wait();
    EXPECT_EQ(transfer().state, Delivered) << "the time to follow is not up";
}

// The clock was years ahead when it was set to wait, and is right when the daemon starts again.
TEST_F(ClockJumpTest, AfterARestartNoWaitIsLongerThanItsBound) {
    jump(year);
    restart();
    ask();
    ASSERT_EQ(run_until(Delivered), Delivered);
    jump(-year);
    restart();
    EXPECT_LE(wait(), std::chrono::hours(24));
    clock.advance(std::chrono::hours(24));
    EXPECT_TRUE(works());
}

// `consultd retry`, in a process with a clock of its own.
TEST_F(ClockJumpTest, WhatAPersonLetsGoOnIsDueAtOnceWhateverTheirClockSays) {
    order.consent = consent("inactive");
    ask();
    ASSERT_EQ(run_until(Held), Held);
    ASSERT_TRUE(store->change(Held, retried(transfer(), clock.now() + year).value()).ok());
    EXPECT_TRUE(works());
}

}  // namespace
}  // namespace consultd
