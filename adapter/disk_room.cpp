#include "adapter/disk_room.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

namespace consultd {
namespace {

constexpr std::size_t probe_bytes = std::size_t{1} << 20;
constexpr Milliseconds wait_first = std::chrono::seconds(1);
constexpr Milliseconds wait_most = std::chrono::minutes(10);

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// A file of that size was durable a moment ago.
bool has_room(const std::string& folder) {
    const std::string file = folder + "/room.tmp";
    const int fd =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const bool done = write_all(fd, std::string(probe_bytes, 'x')) && ::fsync(fd) == 0;
    ::close(fd);
    ::unlink(file.c_str());
    return done;
}

}  // namespace

bool is_no_room(const Error& error) {
    return error.kind() == ErrorKind::Storage && error.number("no-room").has_value();
}

bool DiskRoom::is_short() const {
    const std::lock_guard lock(mutex_);
    return is_short_;
}

bool DiskRoom::is_full() const {
    struct statvfs facts {};
    return ::statvfs(folder_.c_str(), &facts) == 0 &&
           std::uint64_t{facts.f_bavail} * facts.f_frsize < probe_bytes;
}

bool DiskRoom::ran_out() {
    const std::lock_guard lock(mutex_);
    if (is_short_) return false;
    const MonotonicTime now = clock_.monotonic_now();
    const bool is_soon_again = wait_ > Milliseconds(0) && now - since_ < wait_most;
    wait_ = is_soon_again ? std::min(2 * wait_, wait_most) : wait_first;
    next_look_ = now + wait_;
    is_short_ = true;
    return true;
}

bool DiskRoom::look() {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = clock_.monotonic_now();
    if (!is_short_ || now < next_look_) return false;
    next_look_ = now + wait_first;
    if (!has_room(folder_)) return false;
    is_short_ = false;
    since_ = now;
    return true;
}

}  // namespace consultd
