#include "adapter/steps/dispatch.h"

#include <algorithm>

#include "adapter/prepare.h"
#include "adapter/stages/deliver/deliver.h"
#include "adapter/steps/confirm.h"
#include "adapter/steps/identify.h"

namespace consultd::steps {
namespace {

constexpr Milliseconds send_span = std::chrono::minutes(10);

// The order, if its Consent still allows what is about to be done.
Result<Order> permitted_order(const Context& context) {
    TRY_ASSIGN(Order order, order_of(context));
    const Request request = request_of(context, order);
    const std::string patient = "Patient/" + order.patient_id;
    TRY(check_consent(order.consent, request, patient, context.now()));
    if (!depends_on_time(order.consent)) return order;
    TRY_ASSIGN(std::string bundle_text, context.parts.open(Part::Bundle));
    TRY_ASSIGN(const std::string ledger, context.parts.open(Part::Ledger));
    TRY(check_stored(order.consent, request, patient, std::move(bundle_text), ledger, context.now(),
                     context.knowledge.sensitivity, {.stop = context.stop}));
    return order;
}

// A destination that tells nothing about itself is spoken to in the plainest way.
Result<DestinationCapability> capability_of(const Context& context) {
    const auto capability = context.destination().capability(context.exchange());
    if (capability) return destination_capability(**capability);
    const ErrorKind kind = capability.error().kind();
    if (kind == ErrorKind::NotFound || kind == ErrorKind::Malformed ||
        kind == ErrorKind::Unsupported)
        return DestinationCapability{};
    return capability.error();
}

Result<std::string> transaction_of(const Context& context, const Order& order) {
    TRY_ASSIGN(std::string bundle_text, context.parts.open(Part::Bundle));
    TRY_ASSIGN(std::string html, context.parts.open(Part::Packet));
    TRY_ASSIGN(const Packet packet, restore_packet(std::move(bundle_text), std::move(html)));
    TRY_ASSIGN(const PacketInput input, restore_input(packet, request_of(context, order)));
    TRY_ASSIGN(const DestinationCapability capability, capability_of(context));
    const auto patient =
        std::ranges::find(input.resources, input.patient, &PacketResource::full_url);
    TRY_ASSIGN(const ChartThere there, patient_there(context, patient->resource));
    return make_transaction({.packet = packet,
                             .input = input,
                             .consent = order.consent,
                             .capability = capability,
                             .patient_there = there.chart,
                             .settings = context.destination_config().deliver,
                             .new_chart = there.new_chart});
}

// By which the packet was made: a newer one may be in force by now.
Result<std::string> knowledge_of(const Context& context) {
    TRY_ASSIGN(std::string text, context.parts.open(Part::Manifest));
    TRY_ASSIGN(const fhir::Json manifest, fhir::Json::parse(std::move(text), packet_limits()));
    return std::string(manifest.at("knowledge", "sha256").string());
}

// What the intent says, of what is kept: the same for the same bytes.
Result<audit::Disclosure> disclosure_of(const Context& context) {
    TRY_ASSIGN(const std::string consent, context.parts.open(Part::Consent));
    TRY_ASSIGN(const Order order, load_order(context.parts, context.transfer));
    TRY_ASSIGN(std::string bundle_text, context.parts.open(Part::Bundle));
    const config::Source& source = context.source_config();
    const config::Destination& destination = context.destination_config();
    audit::Disclosure disclosure{.transfer_id = context.transfer.id,
                                 .patient_pseudonym = context.transfer.patient_pseudonym,
                                 .source_name = source.name,
                                 .source_base_url = source.fhir_base_url.text(),
                                 .destination_name = destination.name,
                                 .destination_base_url = destination.fhir_base_url.text()};
    if (destination.organization) {
        disclosure.destination_system = destination.organization->system;
        disclosure.destination_value = destination.organization->value;
    }
    disclosure.consent_hash = crypto::hex(crypto::sha256(consent));
    disclosure.purpose = order.purpose;
    disclosure.bundle_hash = crypto::hex(crypto::sha256(bundle_text));
    TRY_ASSIGN(const fhir::Json bundle, fhir::Json::parse(std::move(bundle_text), packet_limits()));
    TRY_ASSIGN(disclosure.knowledge_hash, knowledge_of(context));
    disclosure.bundle_identifier = bundle.at("identifier", "value").string();
    for (const fhir::JsonView& entry : bundle["entry"].items())
        ++disclosure.resource_counts[std::string(entry.at("resource", "resourceType").string())];
    disclosure.withheld = context.transfer.withheld;
    disclosure.rejected = context.transfer.rejected;
    disclosure.recorded = context.clock.now();
    return disclosure;
}

Result<Outcome> declare_intent(const Context& context) {
    TRY_ASSIGN(audit::Disclosure disclosure, disclosure_of(context));
    Transfer transfer = context.transfer;
    transfer.attempts = 0;
    return to(TransferState::Sending, std::move(transfer))
        .after(Intent{std::move(disclosure)})
        .crash_point("pipeline.sending");
}

// Bytes may have left, it was to be withdrawn, and the destination has nothing of it after the time
// that it needs: so nothing is sent again.
Outcome did_not_arrive(const Context& context) {
    Transfer transfer = context.transfer;
    set_reason(transfer, "cancelled");
    // If we die before this: the outcome is found in the log, and nothing is sent.
    return to(TransferState::Withdrawn, std::move(transfer)).after(NothingThere{});
}

Result<Outcome> make_transaction_ready(const Context& context) {
    TRY_ASSIGN(const Order order, permitted_order(context));
    TRY_ASSIGN(std::string transaction, transaction_of(context, order));
    return to(TransferState::Prepared, context.transfer)
        .with(Part::Transaction, std::move(transaction))
        .crash_point("pipeline.transaction-stored")
        .then(declare_intent);
}

Result<Outcome> hand_over(const Context& context, const std::string& transaction,
                          std::optional<Instant> sent_before) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    const Result<std::vector<RefusedEntry>> sent =
        destination.heard(send_transaction(*client, transaction, context.call(send_span)));
    context.crash_point("pipeline.sent");
    return conclude(context, sent, sent_before);
}

}  // namespace

// What the destination is asked for is in the log before it is asked. Then the bytes, the intent,
// the state, and the first byte of them to the outside. If we die between: the state is still
// "prepared", the transaction is made again, the intent is found.
Result<Outcome> make_ready(const Context& context) {
    TRY(permitted_order(context));
    if (context.destination_config().deliver.patient == config::Deliver::Patient::Create)
        return make_transaction_ready(context);
    audit::Act query = act_of(context, audit::Act::What::Query);
    query.who = context.transfer.asked_by.text();
    return to(TransferState::Prepared, context.transfer)
        .after(Acted{std::move(query)})
        .then(make_transaction_ready);
}

Result<Outcome> send(const Context& context) {
    // Before the first time too: the state may be an older copy, from before what it sent.
    TRY_ASSIGN(std::optional<Outcome> known, confirm(context));
    if (known) return *std::move(known);
    if (context.transfer.sent && context.transfer.withdrawal_asked) return did_not_arrive(context);
    Transfer transfer = context.transfer;
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::Transaction));
    if (!is_kept) {
        set_reason(transfer, "record-expired");  // it was held for longer than records are kept
        return to(TransferState::Held, std::move(transfer));
    }
    TRY(permitted_order(context));
    TRY_ASSIGN(std::string bytes, context.parts.open(Part::Transaction));
    // There is one for these bytes; there is none where the state was restored from an older copy.
    TRY_ASSIGN(audit::Disclosure disclosure, disclosure_of(context));
    const std::optional<Instant> sent_before = transfer.sent;
    transfer.sent = context.clock.now();
    // If we die after this: bytes may have left; the next attempt reads back first.
    return to(TransferState::Sending, std::move(transfer))
        .after(Intent{std::move(disclosure)})
        .crash_point("pipeline.send")
        .then([sent_before, transaction = std::make_shared<const std::string>(std::move(bytes))](
                  const Context& later) { return hand_over(later, *transaction, sent_before); });
}

}  // namespace consultd::steps
