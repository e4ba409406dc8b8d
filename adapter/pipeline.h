// Pipeline: which step a transfer's state asks for, and what is written when: the only file that
// runs steps, saves transfers and writes to the audit log. One call does one state's work for one
// transfer under its lease; the worker calls again while something is due.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <stop_token>

#include "adapter/disclosures.h"
#include "adapter/prepare.h"
#include "adapter/stages/deliver/deliver.h"
#include "adapter/steps/step.h"

namespace consultd {

// What the log does not take, or gives back otherwise than it was written: nothing more may leave.
template <class T>
Result<T> of_log(Result<T> result) {
    if (result || result.error().kind() != ErrorKind::Corrupt) return result;
    return Error(result.error()).with("log", 1);
}

// What the source has answered is of use still: it is being read, or was left and not found
// wanting.
bool goes_on_reading(const Transfer& transfer);

// What the pipeline works with; all of it outlives the pipeline.
struct PipelineParts {
    const config::Config& config;
    Peers& peers;  // of that configuration
    const Knowledge& knowledge;
    Store& store;
    Disclosures& disclosures;
    steps::Settling& settling;  // of this process: what left it, and when
    const crypto::Sealer& sealer;
    Clock& clock;
    Random& random;
    Log& log;
    // How often a step is tried before a person must look: a daemon has time, a terminal has not.
    std::uint32_t attempts_max = 12;
    // Called with the name of each point between two durable writes; tests die there.
    std::function<void(std::string_view)> crash_point = [](std::string_view) {};
};

class Pipeline {
public:
    explicit Pipeline(PipelineParts parts);

    // Does what the transfer's state asks for and saves. An error of a peer is not an error here:
    // it becomes the transfer's state, and so does a wish to withdraw, whenever it came. Storage or
    // Corrupt: the daemon must stop. Conflict: the lease was lost, somebody else goes on.
    // Cancelled: a stop was asked; the state is as it was.
    Result<Transfer> advance(Lease lease, std::stop_token stop);

    // Where a transfer has ended and the log says less or more: the destination is asked whether it
    // is there, and the outcome is written down. Where it cannot be asked, nothing is: later again.
    // On one thread at a time.
    Status reconcile(std::stop_token stop = {});

    // Where a transfer reads no more from its source, and an export that it had there is not ended:
    // the source is told that it may forget it. On the thread of reconcile().
    Status run_errands(std::stop_token stop = {});

    // Now, by what a transfer's `due` is counted by.
    Instant time_of_waits() const { return parts_.settling.time(); }

    // The record as a dry run needs it: pulled and prepared, nothing stored, nothing sent.
    Result<Prepared> prepare_only(Order order, std::stop_token stop);

private:
    steps::Context context_of(const Transfer& transfer, std::stop_token stop,
                              fhir::KeptAnswers* answers = nullptr,
                              fhir::Credentials* access = nullptr) const;
    std::vector<EarlierDisclosure> earlier(const SameOrder& same) const;
    Result<steps::Outcome> first_outcome(const steps::Context& context, std::uint64_t deaths);
    Result<steps::Outcome> adopt(const steps::Context& context,
                                 const Disclosures::Entry& known) const;
    steps::Outcome withdrawn(const steps::Context& context) const;
    Status obey_wish(Lease& lease, const steps::Context& context);

    Status keep_learnt(const Transfer& transfer);
    Status save(Lease& lease, Transfer next, const std::vector<steps::PlainPart>& parts);

    // pipeline_write.cpp
    Status write_down(Lease& lease, steps::Outcome& outcome);
    Status place(const PlacedOrder& placed);
    Status log_event(Transfer& transfer, steps::Intent& intent);
    Status log_event(steps::Outcome& outcome, const steps::Sent& sent);
    Status log_event(Transfer& transfer, audit::DisclosureOutcome outcome,
                     const audit::Details& evidence = {});
    Status log_event(const Transfer& transfer, const steps::ForeignPatient& foreign);
    Status log_event(const Transfer& transfer, const steps::InAnotherChart& misfiled);
    Status log_event(const Transfer& transfer, const steps::PartThere& part);
    Status log_event(steps::Outcome& outcome, const steps::Acted& acted);
    Status patiently(const std::function<Status()>& write);
    Status remember_log();

    // pipeline_reconcile.cpp
    Status prove_end(const steps::Context& context, const Disclosures::Entry& known);
    Result<std::optional<ReadBack>> look_there(const steps::Context& context);
    Status tell_found(const steps::Context& context, const Disclosures::Entry& known);

    // pipeline_errands.cpp
    bool is_done(const Errand& errand, const Transfer& transfer, std::stop_token stop);

    PipelineParts parts_;
    std::set<std::string> told_missing_;  // of reconcile(): in the log, and not in the state
    // Of reconcile() and run_errands(): when a peer that could not be asked is asked again.
    struct Look {
        std::uint32_t attempts = 0;
        MonotonicTime not_before{};
    };
    std::map<std::string, Look> looks_;
};

}  // namespace consultd
