// FakeClock: time that moves only when a test says so.
#pragma once

#include "fhir/base/clock.h"

namespace consultd::testing {

class FakeClock final : public Clock {
public:
    explicit FakeClock(Instant start = Instant(std::chrono::seconds(1'795'000'000)))
        : now_(start) {}
    Instant now() const override { return now_; }
    MonotonicTime monotonic_now() const override { return monotonic_; }
    // Nobody sleeps in a test: the wait is over at once, and the time has come.
    bool wait_until(MonotonicTime until, std::stop_token stop) override {
        if (stop.stop_requested()) return false;
        if (until > monotonic_)
            advance(std::chrono::duration_cast<Milliseconds>(until - monotonic_) + Milliseconds(1));
        return true;
    }
    void advance(Milliseconds span) {
        now_ += span;
        monotonic_ += span;
    }
    void set_wall(Instant now) { now_ = now; }

private:
    Instant now_;
    MonotonicTime monotonic_{std::chrono::hours(1)};
};

}  // namespace consultd::testing
