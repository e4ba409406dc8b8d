// Settling: when a request of a transfer last left this process, or began to, by a clock that is
// never set: a destination is given its time from then on. What another process sent is taken to
// have left when this one began. All other waits are counted by the same clock.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>

#include "fhir/base/clock.h"

namespace consultd::steps {

class Settling {
public:
    explicit Settling(const Clock& clock)
        : clock_(clock), begun_(clock.monotonic_now()), begun_wall_(clock.now()) {}

    // The time as it was when this process began, and what has passed since: whoever sets the wall
    // clock meanwhile makes no wait shorter or longer.
    Instant time() const {
        return begun_wall_ +
               std::chrono::duration_cast<Milliseconds>(clock_.monotonic_now() - begun_);
    }

    void left(const std::string& transfer) {
        const std::lock_guard lock(mutex_);
        left_[transfer] = clock_.monotonic_now();
    }
    bool has_left(const std::string& transfer) const {
        const std::lock_guard lock(mutex_);
        return left_.contains(transfer);
    }
    // What is left of the span; zero when it is over.
    Milliseconds remaining(const std::string& transfer, Milliseconds span) const {
        const std::lock_guard lock(mutex_);
        const auto found = left_.find(transfer);
        const MonotonicTime since = found == left_.end() ? begun_ : found->second;
        const auto gone = std::chrono::duration_cast<Milliseconds>(clock_.monotonic_now() - since);
        return std::max(span - gone, Milliseconds(0));
    }
    void forget(const std::string& transfer) {
        const std::lock_guard lock(mutex_);
        left_.erase(transfer);
    }

private:
    const Clock& clock_;
    const MonotonicTime begun_;
    const Instant begun_wall_;
    mutable std::mutex mutex_;
    std::map<std::string, MonotonicTime> left_;  // by transfer
};

}  // namespace consultd::steps
