#include "adapter/pipeline.h"

#include <algorithm>
#include <set>

#include "adapter/audit/receipt.h"
#include "adapter/stages/authorize.h"
#include "adapter/stages/deliver/match.h"
#include "adapter/stages/follow.h"
#include "adapter/stages/pull/find_patient.h"
#include "adapter/verdict.h"

namespace consultd {
namespace {

using fhir::Json;

constexpr Milliseconds pull_span = std::chrono::hours(4);
// Within one step; what was pulled so far is kept between them.
constexpr std::uint32_t pull_attempts_max = 4;
constexpr Milliseconds pull_wait_most = std::chrono::minutes(1);
constexpr Milliseconds exchange_span = std::chrono::minutes(2);
constexpr Milliseconds send_span = std::chrono::minutes(10);
constexpr std::uint64_t deaths_max = 5;  // of the process, in one step

// A destination that tells nothing about itself is spoken to in the plainest way.
Result<DestinationCapability> capability_of(Peer& destination, const fhir::Call& call) {
    const auto capability = destination.capability(call);
    if (capability) return destination_capability(**capability);
    const ErrorKind kind = capability.error().kind();
    if (kind == ErrorKind::NotFound || kind == ErrorKind::Malformed ||
        kind == ErrorKind::Unsupported)
        return DestinationCapability{};
    return capability.error();
}

// The chart there that the record goes into; absent: a new one is made. Conflict: a person decides.
Result<std::optional<std::string>> patient_there_of(Peer& peer, fhir::FhirClient& client,
                                                    const PacketInput& input,
                                                    const DestinationCapability& capability,
                                                    const config::Deliver& settings,
                                                    const fhir::Call& call) {
    if (settings.patient == config::Deliver::Patient::Create) return std::optional<std::string>();
    const auto patient =
        std::find_if(input.resources.begin(), input.resources.end(),
                     [&](const PacketResource& r) { return r.full_url == input.patient; });
    TRY_ASSIGN(const PatientMatch match,
               peer.heard(match_patient(client, patient->resource,
                                        {.strong_systems = settings.strong_identifiers,
                                         .has_match_operation = capability.has_match_operation},
                                        call)));
    if (match.finding == PatientMatch::Finding::Certain) return std::optional(match.patient);
    if (match.finding == PatientMatch::Finding::Unsure)
        return Error(ErrorKind::Conflict, "the patient at the destination is not certain")
            .with("similar", static_cast<std::int64_t>(match.similar.size()));
    if (settings.patient == config::Deliver::Patient::Existing)
        return Error(ErrorKind::Conflict, "the destination has no chart of the patient");
    return std::optional<std::string>();
}

// What became of the step is the transfer's state; else it is somebody else's matter: a stop, a
// lost lease, a wish to withdraw, a disk that failed.
bool may_stand_still(const Error& error) {
    if (error.kind() == ErrorKind::Conflict)
        return !error.number("fence") && !error.number("withdrawal");
    return error.kind() != ErrorKind::Cancelled && error.kind() != ErrorKind::Storage;
}

}  // namespace

fhir::Call Pipeline::call(Milliseconds span, std::stop_token stop) const {
    return {.deadline = Deadline::after(parts_.clock, span), .stop = std::move(stop)};
}

Result<Order> Pipeline::order_of(const Transfer& transfer, std::stop_token stop) {
    TRY_ASSIGN(Order order, load_order(parts_.store, parts_.sealer, transfer));
    TRY(find_patient_of(order, stop));
    return order;
}

Request Pipeline::request_of(const Transfer& transfer, const Order& order) const {
    const config::Destination& destination = parts_.config.destinations.at(order.destination);
    Request request{.transfer_id = transfer.id,
                    .question = order.question,
                    .specialty = order.specialty,
                    .purpose = order.purpose,
                    .source_name = parts_.config.sources.at(order.source).name,
                    .destination_name = destination.name};
    if (destination.organization) {
        request.destination_system = destination.organization->system;
        request.destination_value = destination.organization->value;
    }
    request.as_of = transfer.created;
    return request;
}

Result<Transfer> Pipeline::advance(Lease lease, std::stop_token stop) {
    const Transfer& transfer = lease.transfer;
    if (must_be_withdrawn(transfer)) {
        TRY(withdraw(lease));
        return lease.transfer;
    }
    // Nobody is asked anything any more.
    if (transfer.state == TransferState::OpinionReceived) {
        TRY(save(lease, TransferState::Closed));
        return lease.transfer;
    }
    if (!parts_.config.sources.contains(transfer.source) ||
        !parts_.config.destinations.contains(transfer.destination)) {
        TRY(stand_still(
            lease, Error(ErrorKind::Config, "its source or destination left the configuration")));
        return lease.transfer;
    }
    // What kills us each time is not tried for ever.
    if (lease.claims > deaths_max) {
        stand(lease.transfer, "step-dies");
        parts_.log.error("step-dies", {{"transfer", OwnId(transfer.id)}});
        TRY(save(lease, TransferState::Held));
        return lease.transfer;
    }
    Status done = [&]() -> Status {
        switch (transfer.state) {
            case TransferState::Requested:
            case TransferState::Pulling:
                return prepare_transfer(lease, stop);
            case TransferState::Prepared:
                return begin_sending(lease, stop);
            case TransferState::Sending:
            case TransferState::Uncertain:
                return send(lease, stop);
            case TransferState::Delivered:
                return follow_up(lease, stop);
            default:
                return {};
        }
    }();
    if (!done && may_stand_still(done.error())) done = stand_still(lease, done.error());
    if (!done && done.error().number("withdrawal")) done = obey_wish(lease);
    if (!done) return done.error();
    return lease.transfer;
}

// An order may name the patient by an identifier: the id is found once, and kept with the order.
Status Pipeline::find_patient_of(Order& order, std::stop_token stop) {
    const config::Source& source = parts_.config.sources.at(order.source);
    if (order.patient_id.empty()) {
        Peer& peer = *parts_.peers.source(order.source);
        TRY_ASSIGN(fhir::FhirClient* const client, peer.client());
        TRY_ASSIGN(order.patient_id,
                   peer.heard(find_patient(*client, order.patient_system, order.patient_value,
                                           call(pull_span, stop))));
    }
    const std::string patient = "Patient/" + order.patient_id;
    order.consent =
        consent_at_home(order.consent, patient, source.fhir_base_url.below(patient).text());
    return {};
}

Result<Record> Pipeline::pull_record(const Order& order, std::stop_token stop) {
    const config::Source& source = parts_.config.sources.at(order.source);
    Peer& peer = *parts_.peers.source(order.source);
    TRY_ASSIGN(fhir::FhirClient* const client, peer.client());
    const Deadline deadline = Deadline::after(parts_.clock, pull_span);
    std::optional<Pull> pull;
    const auto run = [&]() -> Result<Record> {
        if (!pull) {
            TRY_ASSIGN(const auto capability,
                       peer.capability({.deadline = deadline, .stop = stop}));
            pull.emplace(*client, source.pull, parts_.config.limits, order.patient_id, parts_.clock,
                         *capability);
        }
        return peer.heard(pull->run(deadline, stop));
    };
    // A pull goes on where it stopped, so trying again here costs only what is missing.
    for (std::uint32_t attempts = 0;; ++attempts) {
        Result<Record> record = run();
        if (record || attempts + 1 >= pull_attempts_max ||
            !verdict_of(record.error().kind()).try_again ||
            record.error().kind() == ErrorKind::Cancelled)
            return record;
        const Milliseconds span = backoff(attempts, record.error(), parts_.random);
        if (span > pull_wait_most) return record;  // a long wait is not for a thread to sit through
        parts_.log.warn(
            "pull-again",
            {{"kind", record.error().kind()}, {"attempt", attempts + 1}, {"wait_ms", span}});
        if (!parts_.clock.wait_until(parts_.clock.monotonic_now() + span, stop))
            return Error(ErrorKind::Cancelled, "stopped while waiting for the source");
    }
}

Status Pipeline::begin_sending(Lease& lease, std::stop_token stop) {
    Transfer& transfer = lease.transfer;
    const auto known = parts_.disclosures.find(transfer.id);
    if (known && known->outcome) return adopt_outcome(lease, *known);
    TRY_ASSIGN(const Order order, order_of(transfer, stop));
    const Request request = request_of(transfer, order);
    TRY(check_consent(order.consent, request, "Patient/" + order.patient_id, now_for(transfer)));

    const config::Destination& destination = parts_.config.destinations.at(transfer.destination);
    Peer& peer = *parts_.peers.destination(transfer.destination);
    TRY_ASSIGN(fhir::FhirClient* const client, peer.client());
    TRY_ASSIGN(std::string bundle_text,
               open_part(parts_.store, parts_.sealer, transfer.id, Part::Bundle));
    TRY_ASSIGN(std::string html, open_part(parts_.store, parts_.sealer, transfer.id, Part::Packet));
    TRY_ASSIGN(const Packet packet, restore_packet(std::move(bundle_text), std::move(html)));
    TRY_ASSIGN(const PacketInput input, restore_input(packet, request));
    TRY_ASSIGN(const DestinationCapability capability,
               capability_of(peer, call(exchange_span, stop)));
    TRY_ASSIGN(const std::optional<std::string> patient_there,
               patient_there_of(peer, *client, input, capability, destination.deliver,
                                call(exchange_span, stop)));
    TRY_ASSIGN(const std::string transaction, make_transaction({.packet = packet,
                                                                .input = input,
                                                                .consent = order.consent,
                                                                .capability = capability,
                                                                .patient_there = patient_there,
                                                                .settings = destination.deliver}));
    // The bytes first, then the intent, then the state, then the first byte to the outside. If we
    // die between: the state is still "prepared", the transaction is made again, the intent is
    // found.
    TRY(save(lease, TransferState::Prepared,
             {seal_part(parts_.sealer, transfer.id, Part::Transaction, transaction)}));
    parts_.crash_point("pipeline.transaction-stored");
    // An intent that the state does not know of: we died before it was written down, or the state
    // was restored from a copy that is older than what happened. So the destination is asked first.
    if (known && !transfer.intent_index) {
        transfer.intent_index = known->intent_index;
        transfer.sent = parts_.clock.now();
    } else {
        TRY_ASSIGN(transfer.intent_index, log_intent(transfer));
    }
    parts_.crash_point("pipeline.intent-logged");
    transfer.attempts = 0;
    TRY(save(lease, TransferState::Sending));
    parts_.crash_point("pipeline.sending");
    return {};
}

Status Pipeline::send(Lease& lease, std::stop_token stop) {
    Transfer& transfer = lease.transfer;
    const auto known = parts_.disclosures.find(transfer.id);
    if (known && known->outcome) return adopt_outcome(lease, *known);
    Peer& peer = *parts_.peers.destination(transfer.destination);
    TRY_ASSIGN(fhir::FhirClient* const client, peer.client());
    if (transfer.sent) {
        // Something may be there already: ask before anything is sent again.
        TRY_ASSIGN(const ReadBack there,
                   peer.heard(read_back(*client, transfer.id, call(exchange_span, stop))));
        if (there.found) return confirm_delivered(lease, there);
        // Still "sending": we died, or were told to wait, and nobody knows what is at work there.
        const Instant settled = transfer.state == TransferState::Sending
                                    ? parts_.clock.now() + settle_span
                                    : *transfer.sent + settle_span;
        if (parts_.clock.now() < settled) {
            transfer.due = settled;
            return save(lease, TransferState::Uncertain);
        }
        if (transfer.withdrawal_asked) return withdraw_what_did_not_arrive(lease);
    }
    TRY_ASSIGN(const std::optional<std::string> kept,
               parts_.store.part(transfer.id, Part::Transaction));
    if (!kept) {
        stand(transfer, "record-expired");  // it was held for longer than records are kept
        return save(lease, TransferState::Held);
    }
    TRY_ASSIGN(const Order order, order_of(transfer, stop));
    TRY(check_consent(order.consent, request_of(transfer, order), "Patient/" + order.patient_id,
                      now_for(transfer)));
    TRY_ASSIGN(const std::string transaction,
               open_part(parts_.store, parts_.sealer, transfer.id, Part::Transaction));
    // There is one for these bytes; there is none where the state was restored from an older copy.
    TRY_ASSIGN(transfer.intent_index, log_intent(transfer));
    const std::optional<Instant> sent_before = transfer.sent;
    transfer.sent = parts_.clock.now();
    TRY(save(lease, TransferState::Sending));
    // If we die after this: bytes may have left; the next attempt reads back first.
    parts_.crash_point("pipeline.send");
    const Status sent = peer.heard(send_transaction(*client, transaction, call(send_span, stop)));
    parts_.crash_point("pipeline.sent");
    const bool is_refused = !sent && is_certainly_not_stored(sent.error());
    if (is_refused) transfer.sent = sent_before;
    // Where there was an attempt before, this one may be refused because that one is there.
    if (is_refused && (!sent_before || stop.stop_requested()))
        return not_stored(lease, sent.error());
    if (!sent)
        parts_.log.warn("send-uncertain", {{"transfer", OwnId(transfer.id)},
                                           {"status", sent.error().number("status").value_or(0)}});

    const Result<ReadBack> there =
        peer.heard(read_back(*client, transfer.id, call(exchange_span, stop)));
    if (there && there->found) return confirm_delivered(lease, *there);
    if (there && is_refused) return not_stored(lease, sent.error());
    if (++transfer.attempts >= parts_.attempts_max) {
        stand(transfer, verdict_of(ErrorKind::Uncertain).reason, &peer);
        return save(lease, TransferState::Held);
    }
    const Error nothing_there(ErrorKind::Uncertain, "no answer and nothing there");
    const Milliseconds wait =
        backoff(transfer.attempts, sent ? nothing_there : sent.error(), parts_.random);
    transfer.due = parts_.clock.now() + std::max(settle_span, wait);
    return save(lease, TransferState::Uncertain);
}

Status Pipeline::confirm_delivered(Lease& lease, const ReadBack& there) {
    Transfer& transfer = lease.transfer;
    if (there.copies > 1) {
        // Their store doubled it (conditional create races): told, and never ours to delete.
        parts_.log.error("delivered-twice-there",
                         {{"transfer", OwnId(transfer.id)},
                          {"copies", static_cast<std::uint64_t>(there.copies)}});
    }
    transfer.destination_task = there.task;
    transfer.remote_status = known_task_status(there.status);
    TRY_ASSIGN(const std::uint64_t index,
               parts_.disclosures.outcome(transfer.id, audit::DisclosureOutcome::Sent, there.task,
                                          parts_.clock.now()));
    parts_.crash_point("pipeline.outcome-logged");
    TRY_ASSIGN(const Json receipt,
               audit::make_receipt(parts_.disclosures.log(), index, transfer.id));
    TRY(parts_.disclosures.remember_log(parts_.store));
    // Not sooner: what has an outcome has a receipt.
    transfer.outcome_index = index;
    transfer.due =
        parts_.clock.now() + parts_.config.destinations.at(transfer.destination).follow.every;
    // If we die before this: the outcome is found in the log, the read-back says the same.
    TRY(save(
        lease, TransferState::Delivered,
        {seal_part(parts_.sealer, transfer.id, Part::Receipt, receipt.print_pretty() + "\n")}));
    parts_.crash_point("pipeline.delivered");
    return {};
}

Status Pipeline::follow_up(Lease& lease, std::stop_token stop) {
    Transfer& transfer = lease.transfer;
    const config::Destination& destination = parts_.config.destinations.at(transfer.destination);
    const Instant now = parts_.clock.now();
    Peer& peer = *parts_.peers.destination(transfer.destination);
    TRY_ASSIGN(fhir::FhirClient* const client, peer.client());
    TRY_ASSIGN(const Followed seen, peer.heard(follow(*client, transfer.destination_task,
                                                      transfer.id, call(exchange_span, stop))));
    transfer.remote_status = known_task_status(seen.status);
    transfer.attempts = 0;
    clear_reason(transfer);
    if (seen.status == "completed") {
        std::vector<Json> output;
        for (const fhir::Resource& resource : seen.output) output.push_back(resource.json());
        for (const StaticText problem : seen.problems)
            parts_.log.error("opinion-not-taken",
                             {{"transfer", OwnId(transfer.id)}, {"problem", problem}});
        const bool is_whole = seen.problems.empty();
        if (!is_whole) stand(transfer, "opinion-incomplete", &peer);
        return save(lease, is_whole ? TransferState::OpinionReceived : TransferState::Held,
                    {seal_part(parts_.sealer, transfer.id, Part::Opinion,
                               Json::array(std::move(output)).print())});
    }
    if (seen.status == "rejected" || seen.status == "cancelled" || seen.status == "failed" ||
        seen.status == "entered-in-error") {
        stand(transfer, "destination-ended-it", &peer);
        return save(lease, TransferState::Closed);
    }
    if (transfer.sent && now > *transfer.sent + destination.follow.span) {
        stand(transfer, "opinion-overdue", &peer);
        return save(lease, TransferState::Held);
    }
    transfer.due = now + destination.follow.every;
    return save(lease, TransferState::Delivered);
}

}  // namespace consultd
