// SimClock: time that passes only when somebody waits, and the things that are set to happen at a
// time. They happen while whoever waits is waiting: in the middle of a step of the daemon, if it is
// a step that waits. The wall clock may jump beside it.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "fhir/base/clock.h"

namespace consultd::simulation {

class SimClock final : public Clock {
public:
    Instant now() const override { return wall_; }
    MonotonicTime monotonic_now() const override { return monotonic_; }
    bool wait_until(MonotonicTime until, std::stop_token stop) override;

    // Lets time pass, and happen what is due meanwhile.
    void advance(Milliseconds span) { advance_to(monotonic_ + span); }
    void at(Milliseconds from_now, std::function<void()> event) {
        events_.emplace(std::pair(monotonic_ + from_now, ++last_), std::move(event));
    }
    // Until the next thing that is set to happen; a very long time when there is none.
    Milliseconds until_next() const;
    // Every so often while time passes: leases are renewed by it. Off: the process stands still.
    void set_heartbeat(Milliseconds every, std::function<void()> beat) {
        beat_every_ = every;
        beat_ = std::move(beat);
    }
    void set_beating(bool on) { is_beating_ = on; }
    void jump(Milliseconds by) { wall_ += by; }
    std::int64_t elapsed_ms() const {
        return std::chrono::duration_cast<Milliseconds>(monotonic_ - start_).count();
    }

private:
    void advance_to(MonotonicTime until);
    void move_to(MonotonicTime time);

    static constexpr MonotonicTime start_{std::chrono::hours(1)};
    Instant wall_{std::chrono::seconds(1'795'000'000)};
    MonotonicTime monotonic_ = start_;
    std::map<std::pair<MonotonicTime, std::uint64_t>, std::function<void()>> events_;
    std::uint64_t last_ = 0;
    Milliseconds beat_every_{0};
    std::function<void()> beat_;
    bool is_beating_ = true;
};

}  // namespace consultd::simulation
