#include "adapter/commands/stop_signal.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

namespace consultd::commands {
namespace {

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

}  // namespace

void StopSignal::block() {
    const sigset_t set = watched_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

StopSignal::StopSignal() {
    const sigset_t set = watched_signals();
    thread_ = std::thread([this, set] {
        const timespec look_again{0, 200'000'000};
        while (!over_) {
            const int signal = sigtimedwait(&set, nullptr, &look_again);
            if (signal == SIGHUP) hung_up_ = true;
            if (signal == SIGINT || signal == SIGTERM) source_.request_stop();
        }
    });
}

StopSignal::~StopSignal() {
    over_ = true;
    thread_.join();
}

}  // namespace consultd::commands
