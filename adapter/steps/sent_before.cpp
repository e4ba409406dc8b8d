#include "adapter/steps/sent_before.h"

#include "adapter/steps/confirm.h"

namespace consultd::steps {
namespace {

using fhir::Json;

SameOrder same_as(const Context& context, const Order& order, const std::string& patient) {
    SameOrder same{.transfer_id = context.transfer.id,
                   .patient_pseudonym = patient,
                   .destination_base_url = context.destination_config().fhir_base_url.text(),
                   .consent_mark = {},
                   .order_keys = {},
                   .since = context.now() - same_disclosure_span};
    for (const OrderIdentifier& identifier : order.identifiers)
        same.order_keys.push_back(
            identifier_key(context.sealer, context.transfer.asked_by, identifier));
    // An order with a name of its own is a deliberate one.
    if (order.identifiers.empty()) same.consent_mark = context.transfer.marks.consent;
    return same;
}

// A person is told what is known, and decides.
Outcome held(const Context& context, const EarlierDisclosure& earlier, const ReadBack& there) {
    Transfer transfer = context.transfer;
    context.log.warn("sent-before",
                     {{"transfer", OwnId(transfer.id)}, {"earlier", OwnId(earlier.transfer_id)}});
    set_reason(transfer, "sent-before", &context.destination());
    const std::string& task = there.found ? there.task : earlier.destination_task;
    const Json known = Json::object({{"transfer", earlier.transfer_id},
                                     {"known", earlier.is_sent        ? "sent"
                                               : earlier.is_under_way ? "under-way"
                                                                      : "intended"},
                                     {"recorded", format_instant(earlier.recorded)},
                                     {"there", Json(there.found)},
                                     {"destinationTask", task.empty() ? Json() : Json(task)}});
    return to(TransferState::Held, std::move(transfer)).with(Part::SentBefore, known.print());
}

Result<ReadBack> ask_for(const Context& context, const std::string& transfer_id) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    fhir::Call call = context.exchange();
    call.is_fresh = true;
    return destination.heard(read_back(*client, transfer_id, call));
}

Outcome asked_later(const Context& context, Milliseconds wait) {
    Transfer transfer = context.transfer;
    transfer.due = context.due_in(wait);
    return {.transfer = std::move(transfer)};
}

// Absent: the destination was asked after its time, and has nothing of it.
std::optional<Outcome> in_the_way(const Context& context, const EarlierDisclosure& earlier) {
    const Result<ReadBack> there = ask_for(context, earlier.transfer_id);
    if (!there && !earlier.is_sent && !earlier.is_under_way)
        return stands(context, context.transfer, there.error());
    const ReadBack known = there ? *there : ReadBack();
    if (known.found || earlier.is_sent || earlier.is_under_way)
        return held(context, earlier, known);
    const Milliseconds span =
        settle_span(context.destination_config().deliver, context.destination().learnt(),
                    /*is_all_ours=*/false);
    const Milliseconds wait = context.settling.remaining(earlier.transfer_id, span);
    if (wait > Milliseconds(0)) return asked_later(context, wait);
    return std::nullopt;
}

}  // namespace

Result<SentBefore> sent_before(const Context& context, const Order& order,
                               const std::string& patient) {
    SentBefore before{.outcome = {}, .same = same_as(context, order, patient)};
    if (order.is_again) return before;
    for (const EarlierDisclosure& earlier : context.earlier(before.same)) {
        before.outcome = in_the_way(context, earlier);
        if (before.outcome) return before;
        before.same.cleared.insert(earlier.transfer_id);
    }
    return before;
}

}  // namespace consultd::steps
