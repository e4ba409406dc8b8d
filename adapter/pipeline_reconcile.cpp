// What the audit log says of other transfers, and became of one that has ended, held against its
// destination.
#include <algorithm>

#include "adapter/pipeline.h"
#include "adapter/steps/confirm.h"
#include "adapter/verdict.h"

namespace consultd {
namespace {

constexpr Milliseconds look_span = std::chrono::seconds(20);  // for what nobody waits for

}  // namespace

// What of it the state goes on with, it will end by itself.
std::vector<EarlierDisclosure> Pipeline::earlier(const SameOrder& same) const {
    std::vector<EarlierDisclosure> known = parts_.disclosures.earlier(same);
    for (EarlierDisclosure& one : known) {
        const auto stored = parts_.store.find(one.transfer_id);
        one.is_under_way = !stored || (*stored && !is_terminal((*stored)->state));
    }
    return known;
}

Status Pipeline::reconcile(std::stop_token stop) {
    for (const std::string& id : parts_.disclosures.unsettled()) {
        TRY_ASSIGN(const std::optional<Transfer> transfer, parts_.store.find(id));
        const auto known = parts_.disclosures.find(id);
        // The database is lost, or older than the log: nobody goes on with it, and it was sent or
        // may have been.
        if (!transfer && told_missing_.insert(id).second)
            parts_.log.warn("in-the-log-and-not-in-the-state", {{"transfer", OwnId(id)}});
        if (!transfer || !known || stop.stop_requested()) continue;
        const bool is_same =
            known->outcome_index && transfer->outcome_index == known->outcome_index;
        const bool is_over = is_terminal(transfer->state);
        if (is_over && !is_same) TRY(prove_end(context_of(*transfer, stop), *known));
        if (is_same) parts_.disclosures.settle(id);
    }
    return {};
}

// That nothing left is what the state says, and the state may be older than the log: restored from
// a copy, or fallen back. So the destination is asked, after whatever is at work there had its
// time.
Status Pipeline::prove_end(const steps::Context& context, const Disclosures::Entry& known) {
    const Transfer& transfer = context.transfer;
    if (known.outcome == audit::DisclosureOutcome::Sent) return tell_found(context, known);
    if (!known.outcome_index) {
        TRY_ASSIGN(const std::optional<ReadBack> there, look_there(context));
        if (!there) return {};
        const auto outcome = there->found    ? audit::DisclosureOutcome::Sent
                             : transfer.sent ? audit::DisclosureOutcome::NothingThere
                                             : audit::DisclosureOutcome::NotSent;
        TRY(parts_.disclosures.outcome(transfer.id, outcome, there->task, parts_.clock.now()));
        // If we die after this: the outcome is found in the log, and the state follows it.
        TRY(remember_log());
        if (there->found) return tell_found(context, *parts_.disclosures.find(transfer.id));
    }
    parts_.disclosures.settle(transfer.id);
    return {};
}

// Absent: not to be asked now, or no answer. What the state does not know of was sent before this
// process began: whatever is at work there is given its time from then on.
Result<std::optional<ReadBack>> Pipeline::look_there(const steps::Context& context) {
    const Transfer& transfer = context.transfer;
    Peer* const peer = parts_.peers.destination(transfer.destination);
    Look& look = looks_[transfer.id];
    const MonotonicTime now = parts_.clock.monotonic_now();
    if (peer == nullptr || now < look.not_before) return std::optional<ReadBack>();
    const Milliseconds span = steps::settle_span(context.destination_config().deliver,
                                                 peer->learnt(), /*is_all_ours=*/false);
    if (parts_.settling.remaining(transfer.id, span) > Milliseconds(0))
        return std::optional<ReadBack>();
    const auto read = [&]() -> Result<ReadBack> {
        TRY_ASSIGN(fhir::FhirClient* const client, peer->client());
        fhir::Call call = context.call(look_span);
        call.is_fresh = true;
        return peer->heard(read_back(*client, transfer.id, call));
    };
    const Result<ReadBack> found = read();
    if (found) {
        looks_.erase(transfer.id);
        return std::optional(*found);
    }
    if (!context.stop.stop_requested()) context.tell("end-not-proven", found.error());
    look.not_before = now + backoff(++look.attempts, found.error(), parts_.random);
    return std::optional<ReadBack>();
}

// It ended here, and it is there all the same: a person must know, and the state says so.
Status Pipeline::tell_found(const steps::Context& context, const Disclosures::Entry& known) {
    Transfer transfer = context.transfer;
    parts_.log.error("ended-and-found-there", {{"transfer", OwnId(transfer.id)}});
    if (!transfer.sent) transfer.sent = parts_.clock.now();
    transfer.updated = context.now();
    transfer.intent_index = known.intent_index;
    transfer.outcome_index = known.outcome_index;
    transfer.destination_task = known.destination_task;
    steps::set_reason(transfer, "found-there", parts_.peers.destination(transfer.destination));
    const Status changed = patiently([&] { return parts_.store.change(transfer.state, transfer); });
    // Somebody has it, or changed it: the next round looks again, and the others go on.
    const bool is_taken = !changed && changed.error().kind() == ErrorKind::Conflict;
    return is_taken ? Status() : changed;
}

}  // namespace consultd
