#include "adapter/worker.h"

#include "adapter/shares.h"
#include "hospital_pair.h"
#include "refusing_store.h"

namespace consultd {
namespace {

using enum TransferState;
using testing::RefusingStore;

class WorkerTest : public testing::HospitalPair {
protected:
    PipelineInForce in_force() {
        return
            [this] { return std::shared_ptr<Pipeline>(std::shared_ptr<void>(), pipeline.get()); };
    }
    Worker worker() { return Worker(in_force(), *store, clock, log, "test"); }
};

TEST_F(WorkerTest, DueTransfersAreDoneStepByStep) {
    EXPECT_FALSE(worker().run_once({}).value());
    ask();
    for (const TransferState next : {Prepared, Sending, Delivered}) {
        EXPECT_TRUE(worker().run_once({}).value());
        EXPECT_EQ(transfer().state, next);
    }
    EXPECT_FALSE(worker().run_once({}).value()) << "it is looked after again when it is due";
    clock.advance(config.destinations.at("center").follow.every);
    EXPECT_TRUE(worker().run_once({}).value());
    EXPECT_EQ(posts(), 1u);
}

TEST_F(WorkerTest, TransferInOtherHandsIsLeftAlone) {
    ask();
    claim("somebody");
    EXPECT_FALSE(worker().run_once({}).value());
    EXPECT_FALSE(worker().run_once(id, {}).value());
    clock.advance(Worker::lease_span + Milliseconds(1));
    EXPECT_TRUE(worker().run_once(id, {}).value());
}

TEST_F(WorkerTest, LeaseIsGivenBackAfterEachStep) {
    ask();
    EXPECT_TRUE(worker().run_once({}).value());
    EXPECT_TRUE(worker().run_once(id, {}).value());
}

TEST_F(WorkerTest, StopEndsTheLoopAndLosesNothing) {
    ask();
    std::stop_source stop;
    on_crash_point = [&](std::string_view point) {
        if (point == "pipeline.prepared") stop.request_stop();
    };
    EXPECT_TRUE(worker().run(stop.get_token(), {}).ok());
    EXPECT_EQ(transfer().state, Prepared);
    EXPECT_TRUE(log.errors.empty());
}

// `consultd retry`, or a backup, has the database for longer than we wait for it.
TEST_F(WorkerTest, BusyStoreIsWaitedFor) {
    ask();
    RefusingStore busy(*store);
    busy.refusals.push_back(Error(ErrorKind::Busy, "busy"));
    std::stop_source stop;
    on_crash_point = [&](std::string_view point) {
        if (point == "pipeline.prepared") stop.request_stop();
    };
    Worker worker(in_force(), busy, clock, log, "test");
    EXPECT_TRUE(worker.run(stop.get_token(), {}).ok());
    EXPECT_EQ(transfer().state, Prepared);
}

TEST(PullShares, LeaveAWorkerForEverythingElse) {
    for (const std::uint32_t workers : {2u, 3u, 4u, 8u, 32u, 1000u})
        for (const std::size_t sources : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
            const PullShares shares = shares_of(workers, sources);
            EXPECT_LT(shares.of_all, workers);
            EXPECT_GE(shares.of_one_source, 1u);
            if (shares.of_all >= sources) {
                EXPECT_LE(shares.of_one_source * sources, shares.of_all)
                    << "a slow source would leave nothing to the last one";
            }
        }
    EXPECT_EQ(shares_of(1, 2).of_all, 1u);
    EXPECT_EQ(shares_of(32, 2).of_one_source, 12u);
}

// With `limits.transfers` 2 and two hospitals, one whose answers trickle would be the only one that
// is pulled from.
TEST(PullShares, NoSourceCanKeepAllWorkersHoweverFewAreConfigured) {
    for (std::uint32_t transfers = 2; transfers < 40; ++transfers)
        for (std::size_t sources = 2; sources < 12; ++sources) {
            const PullShares shares = shares_of(workers_for(transfers, sources), sources);
            EXPECT_GE(shares.of_all, shares.of_one_source * sources) << transfers << sources;
            EXPECT_LT(shares.of_all, workers_for(transfers, sources)) << transfers << sources;
        }
    EXPECT_EQ(workers_for(1, 3), 1u);
    EXPECT_EQ(workers_for(32, 3), 32u);
}

// Every worker but those that never pull is busy with a slow source, and a send is due.
TEST_F(WorkerTest, DueSendFindsAWorkerBesideSlowPulls) {
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    const std::string due = id;
    const PullShares shares = shares_of(4, 1);
    clock.advance(Milliseconds(-1'000));  // the pulls have been due for longer
    for (int i = 0; i < 10; ++i) ask();
    clock.advance(Milliseconds(1'000));
    std::uint32_t pulls = 0;
    while (store->claim(clock.now(), Worker::lease_span, "slow", shares).value()->transfer.id !=
           due)
        ++pulls;
    EXPECT_EQ(pulls, 3u);
}

// The clock of a worker, which tells when it begins to wait.
class WatchedClock final : public Clock {
public:
    explicit WatchedClock(testing::FakeClock& clock) : clock_(clock) {}
    Instant now() const override { return clock_.now(); }
    MonotonicTime monotonic_now() const override { return clock_.monotonic_now(); }
    bool wait_until(MonotonicTime until, std::stop_token stop) override {
        spans.push_back(std::chrono::duration_cast<Milliseconds>(until - monotonic_now()));
        on_wait();
        return clock_.wait_until(until, stop);
    }
    std::function<void()> on_wait = [] {};
    std::vector<Milliseconds> spans;

private:
    testing::FakeClock& clock_;
};

class IdleWorkerTest : public WorkerTest {
protected:
    Status run() {
        return Worker(in_force(), *store, watched, log, "test").run(stop.get_token(), bell);
    }
    WatchedClock watched{clock};
    Bell bell;
    std::stop_source stop;
};

TEST_F(IdleWorkerTest, TransferThatIsPlacedWhileItWaitsIsTakenAtOnce) {
    const Instant placed = clock.now();
    watched.on_wait = [this] {
        if (!id.empty()) {
            stop.request_stop();
            return;
        }
        ask();
        bell.ring();
    };
    EXPECT_TRUE(run().ok());
    EXPECT_EQ(transfer().state, Delivered);
    EXPECT_EQ(transfer().sent, placed);
}

// The bell rings between the look and the wait.
TEST_F(IdleWorkerTest, RingIsHeardByWhoeverHasLookedAlready) {
    const std::stop_token next = bell.next_ring();
    bell.ring();
    EXPECT_TRUE(next.stop_requested());
    EXPECT_FALSE(bell.next_ring().stop_requested());
}

TEST_F(IdleWorkerTest, WaitsUntilSomethingIsDueAndNoLonger) {
    ask();
    const Milliseconds every = config.destinations.at("center").follow.every;
    destination_says = [this](const fhir::HttpRequest& request) -> std::optional<Answer> {
        const bool is_follow_up = transfer().state == Delivered;
        if (is_follow_up && request.url.path().find("/Task/") != std::string::npos)
            stop.request_stop();
        return std::nullopt;
    };
    EXPECT_TRUE(run().ok());
    Milliseconds waited{0};
    for (const Milliseconds span : watched.spans) {
        EXPECT_LE(span, Worker::look_again);
        waited += span;
    }
    EXPECT_GE(waited, every - std::chrono::seconds(1));
    EXPECT_LE(waited, every + std::chrono::seconds(1));
    EXPECT_LE(watched.spans.size(), static_cast<std::size_t>(every / Worker::look_again) + 2);
}

TEST_F(IdleWorkerTest, LooksNowAndThenThoughNothingIsThere) {
    watched.on_wait = [this] { stop.request_stop(); };
    EXPECT_TRUE(run().ok());
    EXPECT_EQ(watched.spans, std::vector<Milliseconds>{Worker::look_again});
}

}  // namespace
}  // namespace consultd
