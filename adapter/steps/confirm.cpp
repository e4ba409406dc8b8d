#include "adapter/steps/confirm.h"

#include <algorithm>
#include <utility>

#include "adapter/verdict.h"

namespace consultd::steps {
namespace {

constexpr Milliseconds settle_proven = std::chrono::seconds(30);
constexpr Milliseconds settle_unproven = std::chrono::minutes(10);
constexpr Milliseconds look_again = std::chrono::seconds(5);
constexpr Milliseconds look_span = std::chrono::minutes(10);

// Of the destination's time since a request last left.
struct Wait {
    Milliseconds span, remaining;
    bool is_over() const { return remaining <= Milliseconds(0); }
    // Asked soon, and then after as long again as has passed.
    Milliseconds until_next_look() const {
        return std::min(remaining, std::max<Milliseconds>(look_again, span - remaining));
    }
};
Wait wait_for(const Context& context, const Account& account) {
    const Milliseconds span = settle_span(context.destination_config().deliver,
                                          context.destination().learnt(), account.is_all_ours());
    return {span, context.settling.remaining(context.transfer.id, span)};
}

// Nothing of it can be at work there, and each request that left was answered for whole: the next
// one may follow.
bool is_between_requests(const Context& context, const Account& account) {
    const auto is_to_be_sent = [](const auto& entry) {
        return entry.location.empty() && entry.status == 0;
    };
    const auto is_in_place = [](const auto& entry) {
        return !entry.location.empty() || entry.status == 0;
    };
    return context.settling.has_left(context.transfer.id) && account.requests > 0 &&
           !account.is_open && !account.refusal &&
           std::ranges::any_of(account.entries, is_to_be_sent) &&
           std::ranges::all_of(account.entries, is_in_place);
}

Outcome asked_later(const Context& context, Transfer transfer, Milliseconds wait) {
    transfer.due = context.clock.now() + std::max(wait, Milliseconds(1));
    return to(TransferState::Uncertain, std::move(transfer));
}

Outcome nobody_knows(const Context& context, Transfer transfer) {
    set_reason(transfer, verdict_of(ErrorKind::Uncertain).reason, &context.destination());
    return to(TransferState::Held, std::move(transfer));
}

// That it could not be asked says nothing of what is there, whatever the answer was.
Outcome asked_in_vain(const Context& context, Transfer transfer, const Error& error) {
    constexpr ErrorKind no_answers[] = {ErrorKind::Malformed, ErrorKind::TooLarge,
                                        ErrorKind::NotFound, ErrorKind::Unsupported};
    if (std::ranges::find(no_answers, error.kind()) == std::end(no_answers))
        return stands(context, std::move(transfer), error);
    context.tell("asked-in-vain", error);
    return unknown(context, std::move(transfer), error);
}

// What was learnt is kept, and the rest is asked for another time.
Outcome broken_off(const Context& context, Transfer transfer, const Look& seen) {
    if (seen.learnt > 0) transfer.attempts = 0;
    return asked_in_vain(context, std::move(transfer), *seen.broken);
}

// Of what was not found there no place is known, and no answer counts.
void forget_unseen(Account& account) {
    for (AccountEntry& entry : account.entries)
        if (!entry.is_seen) {
            entry.location.clear();
            entry.status = 0;
        }
    account.is_open = false;
}

std::optional<Outcome> judged(const Context& context, Account& account, const Look& seen,
                              const Wait& wait) {
    Transfer transfer = context.transfer;
    switch (standing_of(facts_of(account, seen, wait.is_over()))) {
        case Standing::Whole:
            if (!transfer.sent) transfer.sent = context.now();
            return delivered(context, std::move(transfer), seen.task);
        case Standing::NotAllTaken:
            return not_all_taken(context, std::move(transfer), account);
        case Standing::AskLater:
            // Bytes may have left: from now on the state says so too.
            if (!transfer.sent) transfer.sent = context.now();
            return asked_later(context, std::move(transfer), wait.until_next_look());
        case Standing::NobodyKnows:
            return nobody_knows(context, std::move(transfer));
        case Standing::Nothing:
        case Standing::GoOn:
            forget_unseen(account);
            break;
    }
    return std::nullopt;
}

// Before the first request: by our transfer's name alone.
Result<ReadBack> ask_for_task(const Context& context) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    fhir::Call call = context.exchange();
    call.is_fresh = true;
    return destination.heard(read_back(*client, context.transfer.id, call));
}

}  // namespace

Milliseconds settle_span(const config::Deliver& settings, const Learnt& learnt, bool is_all_ours) {
    if (settings.settle) return *settings.settle;
    // A second copy adds nothing where it has our ids, or was seen to be known by its conditions.
    const bool is_proven = is_all_ours || learnt.honours_conditions;
    return std::max(is_proven ? settle_proven : settle_unproven, 2 * learnt.slowest);
}

Result<std::optional<Outcome>> confirm(const Context& context, Account& account) {
    // What was not what was sent may be by now: it is read again.
    for (AccountEntry& entry : account.entries)
        if (std::exchange(entry.is_wrong, false)) entry.is_seen = false;
    const bool may_have_left = context.transfer.sent || context.is_inherited;
    if (may_have_left && is_between_requests(context, account)) return std::optional<Outcome>();
    if (!may_have_left) {
        TRY_ASSIGN(const ReadBack task, ask_for_task(context));
        if (!task.found) return std::optional<Outcome>();
    }
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    const Result<Look> looked =
        destination.heard(look(*client, context.transfer.id, account, context.call(look_span)));
    if (!looked && looked.error().kind() == ErrorKind::Cancelled) return looked.error();
    if (!looked) return std::optional(asked_in_vain(context, context.transfer, looked.error()));
    const Look& seen = *looked;
    if (seen.broken && !account.is_any_refused())
        return std::optional(
            broken_off(context, context.transfer, seen).with(Part::Account, account.print()));
    std::optional<Outcome> outcome = judged(context, account, seen, wait_for(context, account));
    if (outcome) outcome->parts.push_back({Part::Account, account.print()});
    return outcome;
}

Outcome unknown(const Context& context, Transfer transfer, const Error& error) {
    if (++transfer.attempts >= context.attempts_max)
        return nobody_knows(context, std::move(transfer));
    return asked_later(context, std::move(transfer),
                       backoff(transfer.attempts, error, context.random));
}

Outcome not_all_taken(const Context& context, Transfer transfer, const Account& account) {
    const auto missing = std::ranges::count_if(account.entries, &AccountEntry::is_missing);
    context.log.error("not-all-taken", {{"transfer", OwnId(transfer.id)},
                                        {"entries", static_cast<std::uint64_t>(missing)}});
    set_reason(transfer, "not-all-taken", &context.destination());
    return to(TransferState::Held, std::move(transfer)).with(Part::Refusals, account.not_taken());
}

Outcome delivered(const Context& context, Transfer transfer, const ReadBack& there) {
    if (there.copies > 1) {
        // Their store doubled it (conditional create races): told, and never ours to delete.
        context.log.error("delivered-twice-there",
                          {{"transfer", OwnId(transfer.id)},
                           {"copies", static_cast<std::uint64_t>(there.copies)}});
    }
    transfer.destination_task = there.task;
    transfer.remote_status = known_task_status(there.status);
    transfer.due = context.clock.now() + context.destination_config().follow.every;
    context.settling.forget(transfer.id);
    // If we die before this: the outcome is found in the log, the read-back says the same.
    return to(TransferState::Delivered, std::move(transfer))
        .after(Sent{there.task})
        .crash_point("pipeline.delivered");
}

}  // namespace consultd::steps
