// What the pipeline writes down: states, disclosures, alarms. The flow is in pipeline.cpp.
#include <algorithm>

#include "adapter/pipeline.h"
#include "adapter/verdict.h"

namespace consultd {

using fhir::Json;

namespace {

constexpr Milliseconds look_span = std::chrono::seconds(20);  // for what nobody waits for

}  // namespace

void Pipeline::stand(Transfer& transfer, StaticText reason, const Peer* with) {
    clear_reason(transfer);
    transfer.reason = reason.view();
    if (with == nullptr) return;
    transfer.peer_side = with->side().view();
    transfer.peer_address = with->address().view();
}

Status Pipeline::reconcile(std::stop_token stop) {
    for (const std::string& id : parts_.disclosures.unsettled()) {
        TRY_ASSIGN(const std::optional<Transfer> transfer, parts_.store.find(id));
        const auto known = parts_.disclosures.find(id);
        if (!transfer || !known || stop.stop_requested()) continue;
        const bool is_same =
            known->outcome_index && transfer->outcome_index == known->outcome_index;
        const bool is_over = is_terminal(transfer->state);
        if (is_over && !is_same) TRY(prove_end(*transfer, *known, stop));
        if (is_same) parts_.disclosures.settle(id);
    }
    return {};
}

// That nothing left is what the state says, and the state may be older than the log: restored from
// a copy, or fallen back. So the destination is asked, after whatever is at work there had its
// time.
Status Pipeline::prove_end(const Transfer& transfer, const Disclosures::Entry& known,
                           std::stop_token stop) {
    if (known.outcome == audit::DisclosureOutcome::Sent) return tell_found(transfer, known);
    if (!known.outcome_index) {
        TRY_ASSIGN(const std::optional<ReadBack> there, look_there(transfer, stop));
        if (!there) return {};
        const auto outcome = there->found    ? audit::DisclosureOutcome::Sent
                             : transfer.sent ? audit::DisclosureOutcome::NothingThere
                                             : audit::DisclosureOutcome::NotSent;
        TRY(parts_.disclosures.outcome(transfer.id, outcome, there->task, parts_.clock.now()));
        // If we die after this: the outcome is found in the log, and the state follows it.
        TRY(parts_.disclosures.remember_log(parts_.store));
        if (there->found) return tell_found(transfer, *parts_.disclosures.find(transfer.id));
    }
    parts_.disclosures.settle(transfer.id);
    return {};
}

// Absent: not to be asked now, or no answer. What the state does not know of was sent before this
// process began, and before the transfer ended: both give whatever is at work there its time.
Result<std::optional<ReadBack>> Pipeline::look_there(const Transfer& transfer,
                                                     std::stop_token stop) {
    Peer* const peer = parts_.peers.destination(transfer.destination);
    Look& look = looks_[transfer.id];
    const Instant now = parts_.clock.now();
    if (peer == nullptr ||
        now < std::max(look.not_before, std::min(begun_, transfer.updated) + settle_span))
        return std::optional<ReadBack>();
    const auto read = [&]() -> Result<ReadBack> {
        TRY_ASSIGN(fhir::FhirClient* const client, peer->client());
        return peer->heard(read_back(*client, transfer.id, call(look_span, stop)));
    };
    const Result<ReadBack> found = read();
    if (found) {
        looks_.erase(transfer.id);
        return std::optional(*found);
    }
    if (!stop.stop_requested()) tell("end-not-proven", transfer, found.error());
    look.not_before = now + backoff(++look.attempts, found.error(), parts_.random);
    return std::optional<ReadBack>();
}

// It ended here, and it is there all the same: a person must know, and the state says so.
Status Pipeline::tell_found(Transfer transfer, const Disclosures::Entry& known) {
    parts_.log.error("ended-and-found-there", {{"transfer", OwnId(transfer.id)}});
    if (!transfer.sent) transfer.sent = parts_.clock.now();
    transfer.updated = now_for(transfer);
    transfer.intent_index = known.intent_index;
    transfer.outcome_index = known.outcome_index;
    transfer.destination_task = known.destination_task;
    stand(transfer, "found-there", parts_.peers.destination(transfer.destination));
    return parts_.store.change(transfer.state, transfer);
}

Result<std::uint64_t> Pipeline::log_intent(const Transfer& transfer) {
    TRY_ASSIGN(audit::Disclosure disclosure, disclosure_of(transfer));
    TRY_ASSIGN(const std::uint64_t index, parts_.disclosures.intent(std::move(disclosure)));
    TRY(parts_.disclosures.remember_log(parts_.store));
    return index;
}

Instant Pipeline::now_for(const Transfer& transfer) const {
    return std::max(parts_.clock.now(), transfer.updated);
}

Result<audit::Disclosure> Pipeline::disclosure_of(const Transfer& transfer) {
    TRY_ASSIGN(const std::string consent,
               open_part(parts_.store, parts_.sealer, transfer.id, Part::Consent));
    TRY_ASSIGN(const Order order, load_order(parts_.store, parts_.sealer, transfer));
    TRY_ASSIGN(std::string bundle_text,
               open_part(parts_.store, parts_.sealer, transfer.id, Part::Bundle));
    const config::Source& source = parts_.config.sources.at(transfer.source);
    const config::Destination& destination = parts_.config.destinations.at(transfer.destination);
    audit::Disclosure disclosure{.transfer_id = transfer.id,
                                 .patient_pseudonym = transfer.patient_pseudonym,
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
    TRY_ASSIGN(const Json bundle, Json::parse(std::move(bundle_text), packet_limits()));
    disclosure.bundle_identifier = bundle.at("identifier", "value").string();
    for (const fhir::JsonView& entry : bundle["entry"].items())
        ++disclosure.resource_counts[std::string(entry.at("resource", "resourceType").string())];
    disclosure.withheld = transfer.withheld;
    disclosure.rejected = transfer.rejected;
    disclosure.recorded = parts_.clock.now();
    return disclosure;
}

Status Pipeline::alarm_foreign_patients(const Transfer& transfer, const Record& record) {
    const auto foreign =
        std::count_if(record.rejected.begin(), record.rejected.end(),
                      [](const auto& r) { return r.reason.view() == "wrong-patient"; });
    if (foreign == 0) return {};
    parts_.log.error("foreign-patient",
                     {{"transfer", OwnId(transfer.id)}, {"resources", std::int64_t{foreign}}});
    const Json event =
        audit::foreign_patient_alert(crypto::uuid_v4(parts_.random), transfer.id, record.base_url,
                                     static_cast<std::uint64_t>(foreign), parts_.clock.now());
    TRY(parts_.disclosures.log().append(event.print()));
    return parts_.disclosures.remember_log(parts_.store);
}

Status Pipeline::save(Lease& lease, TransferState state, std::vector<SealedPart> parts) {
    Transfer next = lease.transfer;
    const bool progress = next.state != state;
    next.state = state;
    next.updated = parts_.clock.now();
    // Between sending and not knowing there is no progress: the tries add up.
    const bool is_send = state == TransferState::Sending || state == TransferState::Uncertain;
    if (progress && !is_send) next.attempts = 0;
    if (progress && is_runnable(state)) clear_reason(next);
    if (progress && state != TransferState::Uncertain && state != TransferState::Delivered)
        next.due = next.updated;
    TRY(parts_.store.save(lease, next, parts));
    lease.transfer = std::move(next);
    if (progress)
        parts_.log.info("state", {{"transfer", OwnId(lease.transfer.id)},
                                  {"state", StaticText::from_table(name_of(state).data())}});
    return {};
}

const Peer* Pipeline::peer_in(const Transfer& transfer, const Error& error) const {
    const std::optional<StaticText> side = error.text("side");
    if (!side) return nullptr;
    return side->view() == "source" ? parts_.peers.source(transfer.source)
                                    : parts_.peers.destination(transfer.destination);
}

void Pipeline::tell(StaticText event, const Transfer& transfer, const Error& error) {
    const Peer* const peer = peer_in(transfer, error);
    if (peer == nullptr)
        return parts_.log.failure(event, error, {{"transfer", OwnId(transfer.id)}});
    const PeerHealth health = peer->health();
    std::vector<LogField> fields{{"transfer", OwnId(transfer.id)},
                                 {"peer", peer->key()},
                                 {"address", peer->address()},
                                 {"failures", health.failures}};
    if (health.answered)
        fields.push_back({"silent_ms", std::chrono::duration_cast<Milliseconds>(
                                           parts_.clock.monotonic_now() - *health.answered)});
    parts_.log.failure(event, error, fields);
}

Status Pipeline::stand_still(Lease& lease, const Error& error) {
    Transfer& transfer = lease.transfer;
    const Verdict& verdict = verdict_of(error.kind());
    tell("transfer-stands", transfer, error);
    stand(transfer, verdict.reason, peer_in(transfer, error));
    if (verdict.try_again && ++transfer.attempts < parts_.attempts_max) {
        transfer.due = parts_.clock.now() + backoff(transfer.attempts, error, parts_.random);
        return save(lease, transfer.state);
    }
    const bool left = transfer.sent.has_value() || !may_follow(transfer.state, verdict.state);
    return save(lease, left ? TransferState::Held : verdict.state);
}

// Nothing has left, by what the state says. Where the log knows better, its outcome is adopted.
Status Pipeline::withdraw(Lease& lease) {
    Transfer& transfer = lease.transfer;
    const auto known = parts_.disclosures.find(transfer.id);
    const bool log_knows_better = known && known->outcome &&
                                  known->outcome != audit::DisclosureOutcome::NotSent &&
                                  known->outcome != audit::DisclosureOutcome::NothingThere;
    if (log_knows_better) {
        transfer.sent = transfer.due = parts_.clock.now();
        return save(lease, TransferState::Uncertain);
    }
    transfer.reason = "cancelled";
    return save(lease, TransferState::Withdrawn);
}

// The wish came while the step ran, and what the step wanted to save was against it.
Status Pipeline::obey_wish(Lease& lease) {
    TRY_ASSIGN(const std::optional<Transfer> stored, parts_.store.find(lease.transfer.id));
    if (!stored) return Error(ErrorKind::Corrupt, "the transfer is gone from the store");
    lease.transfer = *stored;
    // Bytes may have left before: the next step reads back, and sends nothing.
    if (!must_be_withdrawn(lease.transfer)) return {};
    return withdraw(lease);
}

// Bytes may have left, it was to be withdrawn, and the destination has nothing of it after the time
// that it needs: so nothing is sent again.
Status Pipeline::withdraw_what_did_not_arrive(Lease& lease) {
    Transfer& transfer = lease.transfer;
    TRY_ASSIGN(transfer.outcome_index,
               parts_.disclosures.outcome(transfer.id, audit::DisclosureOutcome::NothingThere, "",
                                          parts_.clock.now()));
    // If we die after this: the outcome is found in the log, and nothing is sent.
    TRY(parts_.disclosures.remember_log(parts_.store));
    transfer.reason = "cancelled";
    return save(lease, TransferState::Withdrawn);
}

// The answer to the transaction says that nothing of it was stored. An answer to anything else, a
// read-back above all, says nothing about that.
Status Pipeline::not_stored(Lease& lease, const Error& error) {
    const ErrorKind kind = error.kind();
    if (kind != ErrorKind::Malformed && kind != ErrorKind::Unsupported &&
        kind != ErrorKind::NotFound && kind != ErrorKind::TooLarge)
        return error;
    Transfer& transfer = lease.transfer;
    tell("refused", transfer, error);
    stand(transfer, verdict_of(kind).reason, peer_in(transfer, error));
    TRY_ASSIGN(transfer.outcome_index,
               parts_.disclosures.outcome(transfer.id, audit::DisclosureOutcome::Refused, "",
                                          parts_.clock.now()));
    parts_.crash_point("pipeline.refusal-logged");
    TRY(parts_.disclosures.remember_log(parts_.store));
    return save(lease, TransferState::Refused);
}

// The log has the outcome and the state does not: we died between the two, or the state was
// restored from an older copy. The log is what is true.
Status Pipeline::adopt_outcome(Lease& lease, const Disclosures::Entry& known) {
    Transfer& transfer = lease.transfer;
    transfer.intent_index = known.intent_index;
    if (known.outcome == audit::DisclosureOutcome::NotSent ||
        known.outcome == audit::DisclosureOutcome::NothingThere) {
        stand(transfer, "cancelled");
        return save(lease, TransferState::Withdrawn);
    }
    if (known.outcome == audit::DisclosureOutcome::Refused) {
        transfer.outcome_index = known.outcome_index;
        return save(lease, TransferState::Refused);
    }
    if (!transfer.sent) transfer.sent = parts_.clock.now();
    if (transfer.state == TransferState::Prepared) return save(lease, TransferState::Uncertain);
    return confirm_delivered(lease, {.found = true,
                                     .task = known.destination_task,
                                     .status = transfer.remote_status,
                                     .copies = 1});
}

}  // namespace consultd
