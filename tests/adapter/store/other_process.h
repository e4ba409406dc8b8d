// OtherProcess: what another process does beside us. It is forked before we open anything, as no
// connection of SQLite may be carried over a fork, and waits until it is told to go on.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace consultd::testing {

class OtherProcess {
public:
    explicit OtherProcess(const std::function<bool()>& act) {
        int ends[2];
        if (::pipe(ends) != 0) ::abort();
        child_ = ::fork();
        if (child_ == 0) {
            ::close(ends[1]);
            char byte = 0;
            ::_exit(::read(ends[0], &byte, 1) == 1 && act() ? 0 : 1);
        }
        ::close(ends[0]);
        go_ = ends[1];
    }
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;
    ~OtherProcess() {
        ::close(go_);  // one that was never told to go on ends too
        if (child_ > 0) ::waitpid(child_, nullptr, 0);
    }
    // Lets it act and waits for its end: whether all was as it expected.
    bool run() {
        int status = 1;
        if (::write(go_, "+", 1) != 1 || ::waitpid(child_, &status, 0) != child_) return false;
        child_ = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

private:
    pid_t child_ = -1;
    int go_ = -1;
};

}  // namespace consultd::testing
