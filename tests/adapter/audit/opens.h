// Opens: how often each file below a folder was opened since it was made, as the kernel counts.
// https://man7.org/linux/man-pages/man7/inotify.7.html
#pragma once

#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <string>

namespace consultd::audit {

class Opens {
public:
    explicit Opens(const std::string& folder) : fd_(::inotify_init1(IN_NONBLOCK)) {
        EXPECT_GE(fd_, 0);
        watch(folder, folder);
        for (const auto& item : std::filesystem::recursive_directory_iterator(folder))
            if (item.is_directory()) watch(folder, item.path());
    }
    ~Opens() { ::close(fd_); }
    Opens(const Opens&) = delete;
    Opens& operator=(const Opens&) = delete;

    // By name below the folder.
    std::map<std::string, int> count() {
        char bytes[1 << 16];
        for (;;) {
            const ssize_t size = ::read(fd_, bytes, sizeof bytes);
            if (size <= 0) return counts_;
            for (ssize_t at = 0; at < size;) {
                inotify_event event{};
                std::memcpy(&event, bytes + at, sizeof event);
                const char* const name = bytes + at + sizeof event;
                at += static_cast<ssize_t>(sizeof event + event.len);
                if ((event.mask & IN_ISDIR) == 0 && event.len > 0)
                    ++counts_[folders_.at(event.wd) + name];
            }
        }
    }

private:
    void watch(const std::string& top, const std::string& folder) {
        const int watched = ::inotify_add_watch(fd_, folder.c_str(), IN_OPEN);
        EXPECT_GE(watched, 0) << folder;
        folders_[watched] =
            folder == top ? "" : std::filesystem::relative(folder, top).string() + "/";
    }
    const int fd_;
    std::map<int, std::string> folders_;
    std::map<std::string, int> counts_;
};

}  // namespace consultd::audit
