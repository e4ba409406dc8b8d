// StopSignal: SIGINT and SIGTERM as a stop token, SIGHUP as a question. The signals are blocked in
// every thread and taken by one that waits for them, so no handler runs in the middle of anything.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace consultd::commands {

class StopSignal {
public:
    // First thing in main, before any thread is started: every thread inherits what is blocked.
    static void block();
    StopSignal();  // after block()
    ~StopSignal();
    std::stop_token token() const { return source_.get_token(); }
    void request_stop() { source_.request_stop(); }
    // Whether SIGHUP came since the last call.
    bool take_hangup() { return hung_up_.exchange(false); }

private:
    std::stop_source source_;
    std::atomic<bool> hung_up_{false};
    std::atomic<bool> over_{false};
    std::thread thread_;
};

}  // namespace consultd::commands
