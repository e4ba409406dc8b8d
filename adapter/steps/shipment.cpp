#include "adapter/steps/shipment.h"

#include <algorithm>

#include "adapter/prepare.h"
#include "adapter/stages/deliver/deliver.h"
#include "adapter/stages/deliver/ways.h"
#include "adapter/stages/document/document.h"
#include "adapter/steps/first_opinion.h"
#include "adapter/steps/identify.h"

namespace consultd::steps {
namespace {

// What the destination was seen to do before, by other transfers.
void begin_with(Account& account, const Learnt& learnt) {
    const bool may_choose = account.method == config::Deliver::Method::Auto;
    account.has_conditions = account.has_conditions && !learnt.refuses_conditions;
    account.is_sequence = account.is_sequence || (may_choose && learnt.refuses_transactions);
    if (account.is_sequence && learnt.takes_only_own_ids)
        account.give_ids(Account::Ids::Ours);
    else if (account.is_sequence && learnt.takes_no_own_ids)
        account.give_ids(Account::Ids::Theirs);
    account.begin_here();
    account.entries_max = learnt.entries_max;
    account.bytes_max = learnt.bytes_max;
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

// By which the packet was made: a newer one may be in force by now.
Result<std::string> knowledge_of(const Context& context) {
    TRY_ASSIGN(std::string text, context.parts.open(Part::Manifest));
    TRY_ASSIGN(const fhir::Json manifest, fhir::Json::parse(std::move(text), packet_limits()));
    return std::string(manifest.at("knowledge", "sha256").string());
}

}  // namespace

Result<Order> permitted_order(const Context& context) {
    TRY_ASSIGN(Order order, order_of(context));
    const Request request = request_of(context, order);
    const std::string patient = "Patient/" + order.patient_id;
    TRY(check_consent(order.consent, request, patient, context.now()));
    TRY(check_not_asked_back(context, order));
    if (!depends_on_time(order.consent)) return order;
    TRY_ASSIGN(std::string bundle_text, context.parts.open(Part::Bundle));
    TRY_ASSIGN(const std::string ledger, context.parts.open(Part::Ledger));
    TRY(check_stored(order.consent, request, patient, std::move(bundle_text), ledger, context.now(),
                     context.knowledge.sensitivity, {.stop = context.stop}));
    return order;
}

Result<Shipment> shipment_of(const Context& context, const Order& order) {
    TRY_ASSIGN(std::string bundle_text, context.parts.open(Part::Bundle));
    TRY_ASSIGN(std::string html, context.parts.open(Part::Packet));
    TRY_ASSIGN(const Packet packet, restore_packet(std::move(bundle_text), std::move(html)));
    TRY_ASSIGN(const PacketInput input, restore_input(packet, request_of(context, order)));
    TRY_ASSIGN(const DestinationCapability capability, capability_of(context));
    const config::Deliver& settings = context.destination_config().deliver;
    const auto patient =
        std::ranges::find(input.resources, input.patient, &PacketResource::full_url);
    TRY_ASSIGN(const ChartThere there, patient_there(context, patient->resource));
    Shipment shipment;
    TRY_ASSIGN(shipment.transaction, make_transaction({.packet = packet,
                                                       .input = input,
                                                       .consent = order.consent,
                                                       .capability = capability,
                                                       .patient_there = there.chart,
                                                       .settings = settings,
                                                       .new_chart = there.new_chart,
                                                       .release = order.release}));
    TRY_ASSIGN(const fhir::Json transaction,
               fhir::Json::parse(shipment.transaction, packet_limits()));
    shipment.account = account_of(transaction);
    choose_way(shipment.account, settings, capability);
    begin_with(shipment.account, context.destination().learnt());
    return shipment;
}

Result<Account> account_kept(const Context& context) {
    TRY_ASSIGN(std::string text, context.parts.open(Part::Account));
    return Account::parse(std::move(text));
}

Result<audit::Disclosure> disclosure_of(const Context& context) {
    TRY_ASSIGN(const std::string consent, context.parts.open(Part::Consent));
    TRY_ASSIGN(const Order order, load_order(context.parts, context.transfer));
    TRY_ASSIGN(std::string bundle_text, context.parts.open(Part::Bundle));
    const config::Source source = context.source_config();
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
    disclosure.consent_mark = context.transfer.marks.consent;
    for (const OrderIdentifier& identifier : order.identifiers)
        disclosure.order_keys.push_back(
            identifier_key(context.sealer, context.transfer.asked_by, identifier));
    disclosure.purpose = order.purpose;
    disclosure.releases = order.release.of;
    TRY_ASSIGN(disclosure.held_back_hash, held_back_hash(context));
    disclosure.bundle_hash = crypto::hex(crypto::sha256(bundle_text));
    TRY_ASSIGN(const fhir::Json bundle, fhir::Json::parse(std::move(bundle_text), packet_limits()));
    TRY_ASSIGN(disclosure.knowledge_hash, knowledge_of(context));
    disclosure.bundle_identifier = bundle.at("identifier", "value").string();
    for (const fhir::JsonView& entry : bundle["entry"].items())
        ++disclosure.resource_counts[std::string(entry.at("resource", "resourceType").string())];
    TRY_ASSIGN(const CarriedNotice carried, carried_notice(bundle));
    disclosure.part2_notice = carried.notice;
    disclosure.under_part2 = carried.covers;
    disclosure.withheld = context.transfer.withheld;
    disclosure.rejected = context.transfer.rejected;
    disclosure.recorded = context.clock.now();
    return disclosure;
}

}  // namespace consultd::steps
