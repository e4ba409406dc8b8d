// DiskRoom: whether what must be durable has room. Where a write finds none, nothing of it is there
// and nothing is broken: new work pauses, and goes on by itself when there is room again. What
// fails otherwise (a failed fsync above all) is final and no matter of this. On all threads.
#pragma once

#include <mutex>
#include <string>

#include "fhir/base/clock.h"

namespace consultd {

// A write that was refused because the disk, or our share of it, is full: Storage with the detail
// "no-room". The state and the audit log say so.
bool is_no_room(const Error& error);

class DiskRoom {
public:
    // The folder of the state.
    DiskRoom(std::string folder, const Clock& clock) : folder_(std::move(folder)), clock_(clock) {}

    bool is_short() const;
    // Hardly anything is free, by what the file system says: found before a write finds it.
    bool is_full() const;
    // A write found no room. True: it is the first one to.
    bool ran_out();
    // Where it is short, and time for it: whether a file of some size can be made durable by now.
    // Soon again after it ran out, later each time that this was too early. True: it is short no
    // longer.
    bool look();

private:
    const std::string folder_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    bool is_short_ = false;
    Milliseconds wait_{0};
    MonotonicTime next_look_{}, since_{};  // since: it had room again
};

}  // namespace consultd
