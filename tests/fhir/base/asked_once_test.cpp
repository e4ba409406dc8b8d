#include "fhir/base/asked_once.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace consultd {
namespace {

// Tells how often it was looked at: whoever wants an answer looks twice, the second time under the
// lock that it gives up only to wait.
class WatchedClock final : public Clock {
public:
    Instant now() const override { return clock_.now(); }
    MonotonicTime monotonic_now() const override {
        ++looks_;
        looks_.notify_all();
        return clock_.monotonic_now();
    }
    bool wait_until(MonotonicTime until, std::stop_token stop) override {
        return clock_.wait_until(until, std::move(stop));
    }
    void wait_for_takers(int takers) const {
        for (int seen = looks_; seen < 2 * takers; seen = looks_) looks_.wait(seen);
    }

private:
    SystemClock clock_;
    mutable std::atomic<int> looks_{0};
};

class AskedOnceTest : public ::testing::Test {
protected:
    Result<int> get(std::stop_token stop = {}, Milliseconds span = std::chrono::minutes(1)) {
        return once_.get([](int) { return true; }, ask_, Deadline::after(clock_, span), clock_,
                         std::move(stop));
    }
    std::future<Result<int>> get_beside() {
        return std::async(std::launch::async, [this] { return get(); });
    }
    // One thread is asking, and holds on until `answer_` is set.
    std::jthread begin_asking() {
        ask_ = [this]() -> Result<int> {
            ++asked_;
            begun_.set_value();
            return answer_.get_future().get();
        };
        std::jthread asker([this] { static_cast<void>(get()); });
        begun_.get_future().wait();
        ask_ = [this]() -> Result<int> { return ++asked_; };
        return asker;
    }

    WatchedClock clock_;
    AskedOnce<int> once_;
    std::function<Result<int>()> ask_ = [this]() -> Result<int> { return ++asked_; };
    std::promise<void> begun_;
    std::promise<Result<int>> answer_;
    std::atomic<int> asked_{0};
};

TEST_F(AskedOnceTest, AnswerIsKeptUntilItIsForgotten) {
    EXPECT_EQ(*get(), 1);
    EXPECT_EQ(*get(), 1);
    once_.forget([](int answer) { return answer == 7; });
    EXPECT_EQ(*get(), 1);
    once_.forget();
    EXPECT_EQ(*get(), 2);
}

TEST_F(AskedOnceTest, ErrorIsNotKept) {
    ask_ = []() -> Result<int> { return Error(ErrorKind::Unavailable, "down"); };
    EXPECT_FALSE(get().ok());
    ask_ = []() -> Result<int> { return 5; };
    EXPECT_EQ(*get(), 5);
}

TEST_F(AskedOnceTest, ManyWhoWantItAtOnceAskOnce) {
    const std::jthread asker = begin_asking();
    std::vector<std::future<Result<int>>> others;
    for (int i = 0; i < 8; ++i) others.push_back(get_beside());
    clock_.wait_for_takers(9);
    answer_.set_value(42);
    for (auto& other : others) EXPECT_EQ(*other.get(), 42);
    EXPECT_EQ(asked_, 1);
}

// Thirty who wait for a server that is down do not wait for it one after the other.
TEST_F(AskedOnceTest, ErrorIsTheErrorOfAllWhoWaited) {
    const std::jthread asker = begin_asking();
    auto other = get_beside();
    clock_.wait_for_takers(2);
    answer_.set_value(Error(ErrorKind::Unavailable, "down"));
    EXPECT_EQ(other.get().error().kind(), ErrorKind::Unavailable);
    EXPECT_EQ(asked_, 1);
}

TEST_F(AskedOnceTest, StopOfWhoeverAsksIsNotTheStopOfTheOthers) {
    const std::jthread asker = begin_asking();
    auto other = get_beside();
    clock_.wait_for_takers(2);
    answer_.set_value(Error(ErrorKind::Cancelled, "stopped"));
    EXPECT_EQ(*other.get(), 2);
}

TEST_F(AskedOnceTest, WaitEndsWithAStopOrTheDeadline) {
    const std::jthread asker = begin_asking();
    EXPECT_EQ(get({}, Milliseconds(1)).error().kind(), ErrorKind::Unavailable);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(get(stop.get_token()).error().kind(), ErrorKind::Cancelled);
    answer_.set_value(1);
}

}  // namespace
}  // namespace consultd
