// Pipeline: puts the stages in order, records and stores. The only file that knows all of them, the
// store and the audit log. One call does one state's work for one transfer under its lease; the
// worker calls again while something is due.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>

#include "adapter/disclosures.h"
#include "adapter/log.h"
#include "adapter/order.h"
#include "adapter/peers.h"
#include "adapter/prepare.h"
#include "adapter/stages/deliver/deliver.h"
#include "adapter/stages/pull/pull.h"
#include "adapter/store/store.h"

namespace consultd {

// What the pipeline works with; all of it outlives the pipeline.
struct PipelineParts {
    const config::Config& config;
    Peers& peers;  // of that configuration
    Store& store;
    Disclosures& disclosures;
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
    explicit Pipeline(PipelineParts parts) : parts_(std::move(parts)) {}

    // Does what the transfer's state asks for and saves. An error of a peer is not an error here:
    // it becomes the transfer's state, and so does a wish to withdraw, whenever it came. Storage or
    // Corrupt: the daemon must stop. Conflict: the lease was lost, somebody else goes on.
    // Cancelled: a stop was asked; the state is as it was.
    Result<Transfer> advance(Lease lease, std::stop_token stop);

    // Where a transfer has ended and the log says less or more: the destination is asked whether it
    // is there, and the outcome is written down. Where it cannot be asked, nothing is: later again.
    // On one thread at a time.
    Status reconcile(std::stop_token stop = {});

    // The record as a dry run needs it: pulled and prepared, nothing stored, nothing sent.
    Result<Prepared> prepare_only(Order order, std::stop_token stop);

private:
    // After a lost answer the destination may still be at work on our request: nothing is sent
    // again, or said not to be there, sooner than this, and not before it was asked (F82, F83).
    static constexpr Milliseconds settle_span = std::chrono::seconds(15);
    Result<Order> order_of(const Transfer& transfer, std::stop_token stop);
    Request request_of(const Transfer& transfer, const Order& order) const;
    Status find_patient_of(Order& order, std::stop_token stop);
    Result<Record> pull_record(const Order& order, std::stop_token stop);
    fhir::Call call(Milliseconds span, std::stop_token stop) const;

    Status prepare_transfer(Lease& lease, std::stop_token stop);
    Status begin_sending(Lease& lease, std::stop_token stop);
    Status send(Lease& lease, std::stop_token stop);
    Status confirm_delivered(Lease& lease, const ReadBack& there);
    Status follow_up(Lease& lease, std::stop_token stop);

    Status prove_end(const Transfer& transfer, const Disclosures::Entry& known,
                     std::stop_token stop);
    Result<std::optional<ReadBack>> look_there(const Transfer& transfer, std::stop_token stop);
    Status tell_found(Transfer transfer, const Disclosures::Entry& known);
    Status withdraw(Lease& lease);
    Status obey_wish(Lease& lease);
    Status withdraw_what_did_not_arrive(Lease& lease);
    Status not_stored(Lease& lease, const Error& error);
    Status adopt_outcome(Lease& lease, const Disclosures::Entry& known);
    // Never before what was written last: a clock that is set back revives no consent (F108).
    Instant now_for(const Transfer& transfer) const;
    Result<std::uint64_t> log_intent(const Transfer& transfer);
    Result<audit::Disclosure> disclosure_of(const Transfer& transfer);
    Status alarm_foreign_patients(const Transfer& transfer, const Record& record);
    Status save(Lease& lease, TransferState state, std::vector<SealedPart> parts = {});
    // Why it stands, and with whom.
    static void stand(Transfer& transfer, StaticText reason, const Peer* with = nullptr);
    Status stand_still(Lease& lease, const Error& error);
    // With whom the error came about; null: with nobody.
    const Peer* peer_in(const Transfer& transfer, const Error& error) const;
    void tell(StaticText event, const Transfer& transfer, const Error& error);

    PipelineParts parts_;
    const Instant begun_ = parts_.clock.now();
    // Of reconcile(): when a destination that could not be asked is asked again.
    struct Look {
        std::uint32_t attempts = 0;
        Instant not_before{};
    };
    std::map<std::string, Look> looks_;
};

}  // namespace consultd
