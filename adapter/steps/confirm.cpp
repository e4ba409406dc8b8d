#include "adapter/steps/confirm.h"

#include <algorithm>

#include "adapter/verdict.h"

namespace consultd::steps {
namespace {

Result<ReadBack> ask(const Context& context) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    return destination.heard(read_back(*client, context.transfer.id, context.exchange()));
}

// The answer to the transaction says that nothing of it was stored. An answer to anything else, a
// read-back above all, says nothing about that.
Outcome not_stored(const Context& context, Transfer transfer, const Error& error) {
    const ErrorKind kind = error.kind();
    if (kind != ErrorKind::Malformed && kind != ErrorKind::Unsupported &&
        kind != ErrorKind::NotFound && kind != ErrorKind::TooLarge)
        return stands(context, std::move(transfer), error);
    context.tell("refused", error);
    set_reason(transfer, verdict_of(kind).reason, context.peer_of(error));
    return to(TransferState::Refused, std::move(transfer)).after(Refused{});
}

// What the destination said is not there is not there, whatever else is: a Task that is found does
// not overrule it. A person must look.
Outcome not_all_taken(const Context& context, Transfer transfer) {
    set_reason(transfer, "not-all-taken", &context.destination());
    return to(TransferState::Held, std::move(transfer));
}

std::string text_of(const std::vector<RefusedEntry>& refused) {
    using fhir::Json;
    std::vector<Json> items;
    for (const RefusedEntry& one : refused)
        items.push_back(Json::object({{"entry", Json(static_cast<std::int64_t>(one.entry))},
                                      {"type", one.type},
                                      {"status", Json(std::int64_t{one.status})},
                                      {"issue", one.issue.empty() ? Json() : Json(one.issue)}}));
    return Json::array(std::move(items)).print();
}

// Nobody knows: asked again later, and held in the end.
Outcome unknown(const Context& context, Transfer transfer,
                const Result<std::vector<RefusedEntry>>& sent) {
    if (++transfer.attempts >= context.attempts_max) {
        set_reason(transfer, verdict_of(ErrorKind::Uncertain).reason, &context.destination());
        return to(TransferState::Held, std::move(transfer));
    }
    const Error nothing_there(ErrorKind::Uncertain, "no answer and nothing there");
    const Milliseconds wait =
        backoff(transfer.attempts, sent ? nothing_there : sent.error(), context.random);
    transfer.due = context.clock.now() + std::max(settle_span, wait);
    return to(TransferState::Uncertain, std::move(transfer));
}

}  // namespace

Result<std::optional<Outcome>> confirm(const Context& context) {
    TRY_ASSIGN(const bool was_refused_in_part, context.parts.has(Part::Refusals));
    if (was_refused_in_part) return std::optional(not_all_taken(context, context.transfer));
    TRY_ASSIGN(const ReadBack there, ask(context));
    if (there.found) {
        Transfer transfer = context.transfer;
        if (!transfer.sent) transfer.sent = context.clock.now();
        return std::optional(delivered(context, std::move(transfer), there));
    }
    if (!context.transfer.sent) return std::optional<Outcome>();
    // Still "sending": we died, or were told to wait, and nobody knows what is at work there.
    const Instant now = context.clock.now();
    const bool is_new_to_us = context.transfer.state == TransferState::Sending;
    const Instant settled = (is_new_to_us ? now : *context.transfer.sent) + settle_span;
    if (now >= settled) return std::optional<Outcome>();
    Transfer transfer = context.transfer;
    transfer.due = settled;
    return std::optional(to(TransferState::Uncertain, std::move(transfer)));
}

Result<Outcome> conclude(const Context& context, const Result<std::vector<RefusedEntry>>& sent,
                         std::optional<Instant> sent_before) {
    Transfer transfer = context.transfer;
    if (sent && !sent->empty()) {
        context.log.error("not-all-taken", {{"transfer", OwnId(transfer.id)},
                                            {"entries", static_cast<std::uint64_t>(sent->size())}});
        return not_all_taken(context, std::move(transfer)).with(Part::Refusals, text_of(*sent));
    }
    const bool is_refused = !sent && is_certainly_not_stored(sent.error());
    if (is_refused) transfer.sent = sent_before;
    // Where there was an attempt before, this one may be refused because that one is there.
    if (is_refused && (!sent_before || context.stop.stop_requested()))
        return not_stored(context, std::move(transfer), sent.error());
    if (!sent)
        context.log.warn("send-uncertain", {{"transfer", OwnId(transfer.id)},
                                            {"status", sent.error().number("status").value_or(0)}});
    const Result<ReadBack> there = ask(context);
    if (there && there->found) return delivered(context, std::move(transfer), *there);
    if (there && is_refused) return not_stored(context, std::move(transfer), sent.error());
    return unknown(context, std::move(transfer), sent);
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
    // If we die before this: the outcome is found in the log, the read-back says the same.
    return to(TransferState::Delivered, std::move(transfer))
        .after(Sent{there.task})
        .crash_point("pipeline.delivered");
}

}  // namespace consultd::steps
