#include "adapter/worker.h"

#include <algorithm>
#include <condition_variable>
#include <thread>

namespace consultd {
namespace {

// Renews a lease while its step runs, and asks the step to stop when the lease is lost, as from
// then on somebody else may be at work on the same transfer, or when it is to be withdrawn.
class Heartbeat {
public:
    Heartbeat(Store& store, Clock& clock, const Lease& lease, std::stop_source& step)
        : thread_([&store, &clock, lease, &step](std::stop_token stop) {
              std::mutex mutex;
              std::condition_variable_any wake;
              std::unique_lock lock(mutex);
              while (!wake.wait_for(lock, stop, Worker::beat_span,
                                    [&stop] { return stop.stop_requested(); })) {
                  // GCC's wait says "false" as well when the stop comes while it begins to wait.
                  if (stop.stop_requested()) return;
                  const Result<Renewal> renewed =
                      store.renew(lease, clock.now(), Worker::lease_span);
                  if (renewed && *renewed == Renewal::MustBeWithdrawn) step.request_stop();
                  // Somebody keeps the store busy: there is time for more of these.
                  if (renewed || renewed.error().kind() == ErrorKind::Busy) continue;
                  step.request_stop();
                  return;
              }
          }) {}

private:
    std::jthread thread_;
};

// Our disk did not take a write, or what it gives back does not verify: nothing more may leave.
bool is_final(const Error& error) {
    return error.kind() == ErrorKind::Storage || error.kind() == ErrorKind::Corrupt;
}

}  // namespace

PullShares shares_of(std::uint32_t workers, std::size_t sources) {
    const auto those = static_cast<std::uint32_t>(std::max<std::size_t>(1, sources));
    const std::uint32_t beside_one_each = workers > those ? workers - those : 1;
    const std::uint32_t others = std::max(1u, std::min(workers / 4, beside_one_each));
    const std::uint32_t pulls = workers > others ? workers - others : 1;
    const auto each = pulls / those;
    return {.of_all = pulls, .of_one_source = std::max(1u, each)};
}

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
    // What was refused for want of room is as it was: whoever comes next may have it.
    if (!done && is_no_room(done.error())) {
        (void)store_.release(lease);
        return done.error();
    }
    if (!done && is_final(done.error())) return done.error();
    if (!done && done.error().kind() != ErrorKind::Cancelled)
        log_.failure("step-lost", done.error(), {{"transfer", OwnId(lease.transfer.id)}});
    // A lost lease cannot be released, and need not be.
    if (const Status released = store_.release(lease);
        !released && released.error().kind() == ErrorKind::Storage)
        return released.error();
    return true;
}

Result<bool> Worker::run_once(std::stop_token stop) {
    return work(
        store_.claim(clock_.now(), lease_span, owner_, shares_(), pipeline_()->time_of_waits()),
        std::move(stop));
}

Result<bool> Worker::run_once(const std::string& id, std::stop_token stop) {
    return work(store_.claim(id, clock_.now(), lease_span, owner_), std::move(stop));
}

// What is due and was not ours waits for its share, or for another suspect: whoever gives back a
// lease looks again at once.
Result<Milliseconds> Worker::until_due() {
    TRY_ASSIGN(const std::optional<Instant> due, store_.next_due());
    if (!due) return look_again;
    const Milliseconds left = *due - pipeline_()->time_of_waits();
    return left > Milliseconds(0) ? std::min<Milliseconds>(left, look_again) : busy_wait;
}

// How long to wait until the next look; nothing: there was work.
Result<Milliseconds> Worker::work_or_wait(std::stop_token stop) {
    if (room_ != nullptr && room_->is_short()) return look_again;  // the bell rings when it is not
    const Result<bool> worked = run_once(std::move(stop));
    if (worked && *worked) return Milliseconds(0);
    Result<Milliseconds> span = worked ? until_due() : worked.error();
    if (span) return span;
    // A command or a backup beside us has the store: that passes, and is no failure of the disk.
    if (span.error().kind() == ErrorKind::Busy) {
        log_.warn("store-busy");
        return busy_wait;
    }
    if (room_ == nullptr || !is_no_room(span.error())) return span;
    if (room_->ran_out()) log_.failure("no-room", span.error());
    return busy_wait;
}

Status Worker::run(std::stop_token stop, const Bell& bell) {
    while (!stop.stop_requested()) {
        const std::stop_token rung = bell.next_ring();
        TRY_ASSIGN(const Milliseconds span, work_or_wait(stop));
        if (span == Milliseconds(0)) continue;
        std::stop_source wake;
        const auto wake_up = [&wake] { wake.request_stop(); };
        const std::stop_callback on_stop(stop, wake_up);
        const std::stop_callback on_ring(rung, wake_up);
        clock_.wait_until(clock_.monotonic_now() + span, wake.get_token());
    }
    return {};
}

}  // namespace consultd
