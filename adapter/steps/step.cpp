#include "adapter/steps/step.h"

#include "adapter/approval.h"
#include "adapter/prepare.h"
#include "adapter/verdict.h"

namespace consultd::steps {

bool Context::has_peers() const {
    return config.source(transfer.source) &&
           config.destinations.contains(transfer.destination);
}

const Peer* Context::peer_of(const Error& error) const {
    const std::optional<StaticText> side = error.text("side");
    if (!side) return nullptr;
    return side->view() == "source" ? peers.source(transfer.source)
                                    : peers.destination(transfer.destination);
}

void Context::tell(StaticText event, const Error& error) const {
    std::vector<LogField> fields{{"transfer", OwnId(transfer.id)}};
    if (const Peer* const peer = peer_of(error)) {
        const PeerHealth health = peer->health();
        fields.push_back({"peer", peer->key()});
        fields.push_back({"address", peer->address()});
        fields.push_back({"failures", health.failures});
        if (health.answered)
            fields.push_back({"silent_ms", std::chrono::duration_cast<Milliseconds>(
                                               clock.monotonic_now() - *health.answered)});
    }
    log.failure(event, error, fields);
}

Outcome to(TransferState state, Transfer transfer) {
    transfer.state = state;
    return {.transfer = std::move(transfer)};
}

void set_reason(Transfer& transfer, StaticText reason, const Peer* with) {
    clear_reason(transfer);
    transfer.reason = reason.view();
    if (with == nullptr) return;
    transfer.peer_side = with->side().view();
    transfer.peer_address = with->address().view();
}

Outcome stands(const Context& context, Transfer transfer, const Error& error) {
    const Verdict& verdict = verdict_of(error.kind());
    context.tell("transfer-stands", error);
    set_reason(transfer, verdict.reason, context.peer_of(error));
    if (verdict.try_again && ++transfer.attempts < context.attempts_max) {
        transfer.due = context.due_in(backoff(transfer.attempts, error, context.random));
        return {.transfer = std::move(transfer)};
    }
    const bool left = transfer.sent.has_value() || !may_follow(transfer.state, verdict.state);
    return to(left ? TransferState::Held : verdict.state, std::move(transfer));
}

audit::Act act_of(const Context& context, audit::Act::What what) {
    const config::Destination& destination = context.destination_config();
    return {.what = what,
            .transfer_id = context.transfer.id,
            .patient_pseudonym = context.transfer.patient_pseudonym,
            .destination_name = destination.name,
            .destination_base_url = destination.fhir_base_url.text(),
            .recorded = context.clock.now()};
}

Result<Order> order_of(const Context& context) {
    TRY_ASSIGN(Order order, load_order(context.parts, context.transfer));
    if (order.patient_id.empty()) return order;
    const std::string patient = "Patient/" + order.patient_id;
    order.consent = consent_at_home(order.consent, patient,
                                    context.source_config().fhir_base_url.below(patient).text());
    return order;
}

namespace {

// The moment that the packet is made for: of the order, or of the patient's choice where it waited
// for that: their Consent is from then.
Instant as_of(const Context& context, const Order& order) {
    if (!order.waits_for_patient) return context.transfer.created;
    Result<std::string> text = context.parts.open(Part::Choice);
    if (!text) return context.transfer.created;
    const Result<PatientAct> choice = patient_act(*std::move(text));
    return choice ? choice->at : context.transfer.created;
}

}  // namespace

Request request_of(const Context& context, const Order& order) {
    const config::Destination& destination = context.destination_config();
    Request request{.transfer_id = context.transfer.id,
                    .question = order.question,
                    .specialty = order.specialty,
                    .purpose = order.purpose,
                    .source_name = context.source_config().name,
                    .destination_name = destination.name};
    if (destination.organization) {
        request.destination_system = destination.organization->system;
        request.destination_value = destination.organization->value;
    }
    request.as_of = as_of(context, order);
    request.first_opinion = order.first_opinion;
    return request;
}

}  // namespace consultd::steps
