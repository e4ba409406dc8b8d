// What comes in on a connection, as the kernel counts it, and whether that is too much or too slow
// to be waited for. The library reads a head, and each chunk, into memory before we see any of it;
// a count of its socket is what we see in time. Knows neither HTTP nor the library.
#pragma once

#include <cstdint>
#include <optional>

#include "fhir/base/clock.h"

namespace consultd::fhir {

// A socket of the library's, which may close it at any time: a number that has become another
// socket's is known by the kernel's cookie. (A duplicate of ours would keep it in the library's
// epoll set after it was closed there.)
class Wire {
public:
    explicit Wire(int socket);

    struct Count {
        std::uint64_t taken = 0;    // out of the kernel, since this was made
        std::uint64_t waiting = 0;  // in the kernel, for us
    };
    // Absent: the kernel does not say, or the socket is closed.
    std::optional<Count> count() const;

private:
    std::optional<std::uint64_t> received() const;
    const int socket_;
    const std::optional<std::uint64_t> cookie_;
    const std::uint64_t before_;
};

// One answer on its way. A peer that has begun it keeps it coming: in each `span` it brings
// `bytes_min` or ends, else it could hold a connection, and who waits for it, for hours.
class AnswerWatch {
public:
    enum class Finding { Fine, TooMuch, TooSlow };
    struct Limits {
        std::uint64_t head_bytes_max = 0;
        std::uint64_t bytes_max = 0;
        std::optional<Milliseconds> span;  // absent: it has the time that it needs
    };
    static constexpr std::uint64_t bytes_min = std::uint64_t{64} << 10;

    explicit AnswerWatch(const Limits& limits) : limits_(limits) {}
    Finding look(const Wire::Count& count, bool is_head, MonotonicTime now);

private:
    const Limits limits_;
    std::optional<MonotonicTime> since_;  // absent: nothing came
    std::uint64_t taken_then_ = 0;
};

}  // namespace consultd::fhir
