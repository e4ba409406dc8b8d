#include "adapter/worker.h"

#include <condition_variable>
#include <thread>

namespace consultd {
namespace {

// Renews a lease while its step runs, and asks the step to stop when the lease is lost: from then
// on somebody else may be at work on the same transfer.
class Heartbeat {
public:
    Heartbeat(Store& store, Clock& clock, const Lease& lease, std::stop_source& step)
        : thread_([&store, &clock, lease, &step](std::stop_token stop) {
              std::mutex mutex;
              std::condition_variable_any wake;
              std::unique_lock lock(mutex);
              while (!wake.wait_for(lock, stop, Worker::lease_span / 4,
                                    [&stop] { return stop.stop_requested(); })) {
                  if (!store.renew(lease, clock.now(), Worker::lease_span)) {
                      step.request_stop();
                      return;
                  }
              }
          }) {}

private:
    std::jthread thread_;
};

}  // namespace

Result<bool> Worker::work(Result<std::optional<Lease>> claimed, std::stop_token stop) {
    if (!claimed) return claimed.error();
    if (!*claimed) return false;
    const Lease lease = std::move(**claimed);
    std::stop_source step;
    const std::stop_callback pass_on(stop, [&step] { step.request_stop(); });
    const Result<Transfer> done = [&] {
        const Heartbeat heartbeat(store_, clock_, lease, step);
        return pipeline_()->advance(lease, step.get_token());
    }();
    if (!done && done.error().kind() == ErrorKind::Storage) return done.error();
    if (!done && done.error().kind() != ErrorKind::Cancelled)
        log_.failure("step-lost", done.error(), {{"transfer", OwnId(lease.transfer.id)}});
    // A lost lease cannot be released, and need not be.
    if (const Status released = store_.release(lease);
        !released && released.error().kind() == ErrorKind::Storage)
        return released.error();
    return true;
}

Result<bool> Worker::run_once(std::stop_token stop) {
    return work(store_.claim(clock_.now(), lease_span, owner_), std::move(stop));
}

Result<bool> Worker::run_once(const std::string& id, std::stop_token stop) {
    return work(store_.claim(id, clock_.now(), lease_span, owner_), std::move(stop));
}

Status Worker::run(std::stop_token stop, Milliseconds idle) {
    while (!stop.stop_requested()) {
        TRY_ASSIGN(const bool worked, run_once(stop));
        if (!worked) clock_.wait_until(clock_.monotonic_now() + idle, stop);
    }
    return {};
}

}  // namespace consultd
