// Clock: the wall clock and the monotonic clock, passed in wherever time matters. Wall time is for
// what people and standards date (consent periods, audit, tokens); monotonic time is for waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd {

// Milliseconds since 1970-01-01T00:00:00Z.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;
using MonotonicTime = std::chrono::steady_clock::time_point;

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
    virtual MonotonicTime monotonic_now() const = 0;
    // Waits until `until` or until a stop is asked; true when the time came, false when stopped.
    virtual bool wait_until(MonotonicTime until, std::stop_token stop) = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override;
    MonotonicTime monotonic_now() const override;
    bool wait_until(MonotonicTime until, std::stop_token stop) override;
};

// The moment by which a conversation must be over. Made once, at the top, never extended below.
class Deadline {
public:
    static Deadline after(const Clock& clock, Milliseconds span) {
        return Deadline(clock.monotonic_now() + span);
    }
    explicit Deadline(MonotonicTime at) : at_(at) {}
    MonotonicTime at() const { return at_; }
    bool passed(const Clock& clock) const { return clock.monotonic_now() >= at_; }
    // Zero when passed.
    Milliseconds left(const Clock& clock) const;
    Deadline earlier(Deadline other) const { return other.at_ < at_ ? other : *this; }

private:
    MonotonicTime at_;
};

// FHIR `instant` in UTC with milliseconds: "2026-11-23T21:42:00.000Z".
std::string format_instant(Instant instant);
// The same to the second, as `dateTime`: "2026-11-23T21:42:00Z".
std::string format_date_time(Instant instant);
// Reads a full RFC 3339 time (seconds and zone required, fraction kept to the millisecond).
std::optional<Instant> parse_instant(std::string_view text);

}  // namespace consultd
