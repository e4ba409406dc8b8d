// Weather: what goes wrong in one world, and how often. Each world has some of all faults, chosen
// by its seed, so that rare ones are not always hidden behind frequent ones (swarm testing:
// https://users.cs.utah.edu/~regehr/papers/swarm12.pdf). After a time it is calm, and then what was
// begun must come to an end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tests/simulation/history.h"

namespace consultd::simulation {

enum class Fault : std::uint8_t {
    // our process and our disk
    DiesAtPoint,    // between two durable writes, where the product names a point
    DiesOnTheRoad,  // while an exchange with an institution is going on
    PowerCut,       // before, in or after a durable write
    DiskFails,      // a durable write is refused, or was done and said to have failed
    DiskFull,       // no write finds room, for a while
    StoreBusy,      // another process has the database for too long
    Restored,       // after a death, the state is put back from an older copy
    Stands,         // the whole process stands still for minutes: leases expire
    WallJumps,
    // any institution
    Refused,
    TimesOut,
    Says401,
    Says429,
    Says500,
    Says503,
    AnswerCut,
    // a source
    ForbidsType,
    LeaksOthers,      // resources of another patient among the results
    NextIsElsewhere,  // the link to the next page leads to another host
    // a destination
    RequestLost,
    AnswerLost,    // it has stored the packet
    StoresLate,    // it has not yet, when the exchange fails
    ProxyRefuses,  // 503 from a proxy, before or after it has stored it
    SentTwice,     // a proxy repeats the request
    RefusesPacket,
    ClaimsIt,   // it says that it has stored the packet, and has not
    IndexLags,  // what it has stored a moment ago is not found yet
    // others
    StepsOverlap,  // another worker's step runs while an exchange is going on
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::StepsOverlap) + 1;

class Weather {
public:
    Weather(Chance& chance, bool is_calm);
    bool strikes(Fault fault) {
        return !is_calm_ && chance_.once_in(times_[static_cast<std::size_t>(fault)]);
    }
    void calm_down() { is_calm_ = true; }
    bool is_calm() const { return is_calm_; }
    bool was_always_calm() const { return was_always_calm_; }

private:
    Chance& chance_;
    const bool was_always_calm_;
    bool is_calm_;
    std::array<std::uint64_t, fault_count> times_{};  // once in so many; 0: never here
};

}  // namespace consultd::simulation
