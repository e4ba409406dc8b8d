// StopSignal: SIGINT and SIGTERM as a stop token, SIGHUP as a count. The signals are blocked in
// every thread and taken by one that waits for them, so no handler runs in the middle of anything.
#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <thread>

namespace consultd::commands {

class StopSignal {
public:
    // First thing in main, before any thread is started: every thread inherits what is blocked.
    static void block();
    // After block(). `on_hangup` is called on the waiting thread.
    explicit StopSignal(std::function<void()> on_hangup = [] {});
    ~StopSignal();
    std::stop_token token() const { return source_.get_token(); }
    void request_stop() { source_.request_stop(); }

private:
    std::stop_source source_;
    std::function<void()> on_hangup_;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

}  // namespace consultd::commands
