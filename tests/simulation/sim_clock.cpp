#include "tests/simulation/sim_clock.h"

#include <algorithm>

namespace consultd::simulation {

bool SimClock::wait_until(MonotonicTime until, std::stop_token stop) {
    if (stop.stop_requested()) return false;
    // A clock of whole milliseconds: the time has come a moment after it.
    if (until > monotonic_) advance_to(until + Milliseconds(1));
    return !stop.stop_requested();
}

void SimClock::move_to(MonotonicTime time) {
    if (time <= monotonic_) return;
    wall_ += std::chrono::duration_cast<Milliseconds>(time - monotonic_);
    monotonic_ = time;
}

void SimClock::advance_to(MonotonicTime until) {
    until = MonotonicTime(std::chrono::ceil<Milliseconds>(until.time_since_epoch()));
    while (monotonic_ < until) {
        MonotonicTime next = until;
        if (is_beating_ && beat_) next = std::min(next, monotonic_ + beat_every_);
        if (!events_.empty()) next = std::clamp(events_.begin()->first.first, monotonic_, next);
        move_to(next);
        // What happens may let time pass itself, and may be the end of this process.
        while (!events_.empty() && events_.begin()->first.first <= monotonic_) {
            const std::function<void()> event = std::move(events_.begin()->second);
            events_.erase(events_.begin());
            event();
        }
        if (is_beating_ && beat_) beat_();
    }
}

Milliseconds SimClock::until_next() const {
    if (events_.empty()) return std::chrono::hours(24 * 365);
    return std::max(Milliseconds(0), std::chrono::duration_cast<Milliseconds>(
                                         events_.begin()->first.first - monotonic_));
}

}  // namespace consultd::simulation
