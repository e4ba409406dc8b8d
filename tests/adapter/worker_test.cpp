#include "adapter/worker.h"

#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

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

// Somebody else has the database once.
class BusyOnce final : public Store {
public:
    explicit BusyOnce(Store& store) : store_(store) {}
    Result<std::optional<Lease>> claim(Instant now, Milliseconds span, const std::string& owner,
                                       const PullShares& shares) override {
        if (std::exchange(is_busy_, false)) return Error(ErrorKind::Busy, "busy");
        return store_.claim(now, span, owner, shares);
    }
    Result<std::optional<Transfer>> create(const Transfer& t, const std::vector<SealedPart>& p,
                                           const Earlier& e,
                                           const std::optional<AskedEntry>& a) override {
        return store_.create(t, p, e, a);
    }
    Result<std::optional<Transfer>> find(const std::string& i) override { return store_.find(i); }
    Result<std::vector<Transfer>> list(const StoreFilter& f) override { return store_.list(f); }
    Result<std::map<TransferState, std::uint64_t>> count_by_state() override {
        return store_.count_by_state();
    }
    Result<std::optional<std::string>> part(const std::string& i, Part n) override {
        return store_.part(i, n);
    }
    Result<std::optional<Lease>> claim(const std::string& i, Instant n, Milliseconds s,
                                       const std::string& o) override {
        return store_.claim(i, n, s, o);
    }
    Result<std::optional<Instant>> next_due() override { return store_.next_due(); }
    Result<bool> changed_elsewhere() override { return store_.changed_elsewhere(); }
    Result<std::optional<Transfer>> ask_withdrawal(const std::string& i, Instant n,
                                                   const std::optional<AskedEntry>& a) override {
        return store_.ask_withdrawal(i, n, a);
    }
    Result<Renewal> renew(const Lease& l, Instant n, Milliseconds s) override {
        return store_.renew(l, n, s);
    }
    Status save(const Lease& l, const Transfer& t, const std::vector<SealedPart>& p) override {
        return store_.save(l, t, p);
    }
    Status keep_answer(const Lease& l, const std::string& n, const std::string& s) override {
        return store_.keep_answer(l, n, s);
    }
    Result<std::optional<std::string>> answer(const std::string& i, const std::string& n) override {
        return store_.answer(i, n);
    }
    Status forget_answers(const std::string& i) override { return store_.forget_answers(i); }
    Status release(const Lease& l) override { return store_.release(l); }
    Status change(TransferState e, const Transfer& t, const std::vector<SealedPart>& p,
                  const std::optional<AskedEntry>& a) override {
        return store_.change(e, t, p, a);
    }
    Status keep_part(const std::string& i, const SealedPart& p) override {
        return store_.keep_part(i, p);
    }
    Status forget(const std::string& i, const std::vector<Part>& p) override {
        return store_.forget(i, p);
    }
    Status ask_to_log(const AskedEntry& e) override { return store_.ask_to_log(e); }
    Result<std::vector<AskedEntry>> asked_to_log() override { return store_.asked_to_log(); }
    Status strike_off(const std::string& i) override { return store_.strike_off(i); }
    Result<std::uint64_t> forget(Instant b, const std::vector<Part>& p) override {
        return store_.forget(b, p);
    }
    Status remember_checkpoint(const std::string& n) override {
        return store_.remember_checkpoint(n);
    }
    Result<std::optional<std::string>> checkpoint() override { return store_.checkpoint(); }
    Status keep_learnt(const std::string& d, const std::string& t) override {
        return store_.keep_learnt(d, t);
    }
    Result<std::optional<std::string>> learnt(const std::string& d) override {
        return store_.learnt(d);
    }
    Status remember_key_check(const std::string& w) override {
        return store_.remember_key_check(w);
    }
    Result<std::optional<std::string>> key_check() override { return store_.key_check(); }

private:
    Store& store_;
    bool is_busy_ = true;
};

// `consultd retry`, or a backup, has the database for longer than we wait for it.
TEST_F(WorkerTest, BusyStoreIsWaitedFor) {
    ask();
    BusyOnce busy(*store);
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
