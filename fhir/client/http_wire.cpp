#include "fhir/client/http_wire.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstddef>

namespace consultd::fhir {

namespace {

// What no other socket has while the machine runs.
std::optional<std::uint64_t> cookie_of(int socket) {
    std::uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    if (::getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0) return std::nullopt;
    return cookie;
}

}  // namespace

Wire::Wire(int socket)
    : socket_(socket), cookie_(cookie_of(socket)), before_(received().value_or(0)) {}

// https://man7.org/linux/man-pages/man7/tcp.7.html, TCP_INFO; the count is there since Linux 4.1.
std::optional<std::uint64_t> Wire::received() const {
    tcp_info info{};
    socklen_t size = sizeof info;
    constexpr auto needed = offsetof(tcp_info, tcpi_bytes_received) + sizeof(std::uint64_t);
    if (::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < needed)
        return std::nullopt;
    return info.tcpi_bytes_received;
}

std::optional<Wire::Count> Wire::count() const {
    // In this order: what comes in between looks as if it were still waiting.
    const std::optional<std::uint64_t> all = received();
    int waiting = 0;
    if (!all || ::ioctl(socket_, FIONREAD, &waiting) != 0) return std::nullopt;
    if (!cookie_ || cookie_of(socket_) != cookie_) return std::nullopt;
    const auto left = static_cast<std::uint64_t>(waiting);
    return Count{*all > before_ + left ? *all - before_ - left : 0, left};
}

AnswerWatch::Finding AnswerWatch::look(const Wire::Count& count, bool is_head, MonotonicTime now) {
    if (count.taken > limits_.bytes_max || (is_head && count.taken > limits_.head_bytes_max))
        return Finding::TooMuch;
    if (!limits_.span || count.taken == 0) return Finding::Fine;
    // What waits for us is not the peer's fault.
    if (!since_ || count.waiting > 0 || count.taken - taken_then_ >= bytes_min) {
        since_ = now;
        taken_then_ = count.taken;
    }
    return now - *since_ >= *limits_.span ? Finding::TooSlow : Finding::Fine;
}

}  // namespace consultd::fhir
