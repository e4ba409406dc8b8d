// Bell: rung when a transfer was placed or set free to go on, heard by workers that have nothing to
// do. It knows neither.
#pragma once

#include <mutex>
#include <stop_token>
#include <utility>

namespace consultd {

class Bell {
public:
    // Stopped by the next ring. Taken before one looks for work, so that what comes while one looks
    // is not slept through.
    std::stop_token next_ring() const {
        const std::lock_guard lock(mutex_);
        return next_.get_token();
    }
    void ring() {
        std::stop_source rung;
        {
            const std::lock_guard lock(mutex_);
            std::swap(next_, rung);
        }
        rung.request_stop();  // outside the lock: it wakes whoever waits, on this thread
    }

private:
    mutable std::mutex mutex_;
    std::stop_source next_;
};

}  // namespace consultd
