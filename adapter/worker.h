// Worker: takes due transfers by lease and fencing number and hands them to the pipeline. run_once
// is the step; run is the loop around it.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "adapter/bell.h"
#include "adapter/disk_room.h"
#include "adapter/pipeline.h"

namespace consultd {

// The pipeline to do the next step with; it lives as long as the step does.
using PipelineInForce = std::function<std::shared_ptr<Pipeline>()>;

using SharesInForce = std::function<PullShares()>;
// Of so many workers, a quarter, one at least, never pulls; the rest is shared by the sources, one
// at least for each. A worker that is alone does everything.
PullShares shares_of(std::uint32_t workers, std::size_t sources);

class Worker {
public:
    Worker(
        PipelineInForce pipeline, Store& store, Clock& clock, Log& log, std::string owner,
        SharesInForce shares = [] { return PullShares(); }, DiskRoom* room = nullptr)
        : pipeline_(std::move(pipeline)),
          store_(store),
          clock_(clock),
          log_(log),
          owner_(std::move(owner)),
          shares_(std::move(shares)),
          room_(room) {}

    // Takes one due transfer and does one step of it. False: nothing is due. Storage: stop the
    // daemon. Busy: somebody else keeps the store from us; later.
    Result<bool> run_once(std::stop_token stop);
    // This one transfer's step; false when it is not due, not runnable, or held by somebody.
    Result<bool> run_once(const std::string& id, std::stop_token stop);
    // Until a stop is asked or the disk fails; while it has no room nothing is begun. When nothing
    // is due it waits until something will be or the bell rings, and no longer than `look_again`:
    // the wall clock may jump.
    Status run(std::stop_token stop, const Bell& bell);

    static constexpr Milliseconds lease_span = std::chrono::minutes(2);
    // How soon a step that runs learns that its transfer is to be withdrawn.
    static constexpr Milliseconds beat_span = std::chrono::seconds(1);
    static constexpr Milliseconds look_again = std::chrono::minutes(1);
    static constexpr Milliseconds busy_wait = std::chrono::milliseconds(250);

private:
    Result<Milliseconds> until_due();
    Result<Milliseconds> work_or_wait(std::stop_token stop);
    Result<bool> work(Result<std::optional<Lease>> claimed, std::stop_token stop);
    const PipelineInForce pipeline_;
    Store& store_;
    Clock& clock_;
    Log& log_;
    const std::string owner_;
    const SharesInForce shares_;
    DiskRoom* const room_;  // null: a disk that is full is one that failed
};

}  // namespace consultd
