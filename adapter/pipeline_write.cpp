// What is written of an outcome, and in which order: the audit log first, then the state.
#include "adapter/audit/receipt.h"
#include "adapter/pipeline.h"

namespace consultd {
namespace {

using steps::Outcome;

// What is to be written is kept so long while another process has the database.
constexpr int busy_tries_max = 20;
constexpr Milliseconds busy_wait = std::chrono::milliseconds(500);

}  // namespace

// Another process has the database for a moment: what is to be written waits, as it may be an
// answer that nobody gives a second time.
Status Pipeline::patiently(const std::function<Status()>& write) {
    for (int tries = 1;; ++tries) {
        const Status written = write();
        if (written || written.error().kind() != ErrorKind::Busy || tries == busy_tries_max)
            return written;
        parts_.clock.wait_until(parts_.clock.monotonic_now() + busy_wait, {});
    }
}

Status Pipeline::remember_log() {
    return patiently([&] { return parts_.disclosures.remember_log(parts_.store); });
}

// If we died after this: it is there.
Status Pipeline::place(const PlacedOrder& placed) {
    return patiently([&]() -> Status {
        TRY_ASSIGN(const auto there, parts_.store.find(placed.transfer.id));
        if (there) return {};
        TRY(parts_.store.create(placed.transfer, placed.parts));
        parts_.crash_point("pipeline.released");
        return {};
    });
}

Status Pipeline::write_down(Lease& lease, Outcome& outcome) {
    if (auto* const intent = std::get_if<steps::Intent>(&outcome.event))
        TRY(log_event(outcome.transfer, *intent));
    if (const auto* const sent = std::get_if<steps::Sent>(&outcome.event))
        TRY(log_event(outcome, *sent));
    if (std::holds_alternative<steps::Refused>(outcome.event))
        TRY(log_event(outcome.transfer, audit::DisclosureOutcome::Refused));
    if (std::holds_alternative<steps::NothingThere>(outcome.event))
        TRY(log_event(outcome.transfer, audit::DisclosureOutcome::NothingThere));
    if (const auto* const part = std::get_if<steps::InPart>(&outcome.event))
        TRY(log_event(outcome.transfer, audit::DisclosureOutcome::InPart, part->parts));
    if (const auto* const part = std::get_if<steps::PartThere>(&outcome.event))
        TRY(log_event(outcome.transfer, *part));
    if (const auto* const misfiled = std::get_if<steps::InAnotherChart>(&outcome.event))
        TRY(log_event(outcome.transfer, *misfiled));
    if (const auto* const foreign = std::get_if<steps::ForeignPatient>(&outcome.event))
        TRY(log_event(outcome.transfer, *foreign));
    if (const auto* const acted = std::get_if<steps::Acted>(&outcome.event))
        TRY(log_event(outcome, *acted));
    if (outcome.places) TRY(place(*outcome.places));
    TRY(save(lease, outcome.transfer, outcome.parts));
    parts_.crash_point(outcome.point.view());
    return {};
}

Status Pipeline::log_event(Transfer& transfer, steps::Intent& intent) {
    // Who ordered it stands in the log before what was done of it.
    TRY(parts_.disclosures.take_up(parts_.store, parts_.log));
    const auto known = parts_.disclosures.find(transfer.id);
    const bool is_new = !transfer.intent_index;
    // An intent that the state does not know of: we died before it was written down, or the state
    // was restored from a copy that is older than what happened. So the destination is asked first.
    if (known && is_new) {
        transfer.intent_index = known->intent_index;
        transfer.sent = parts_.clock.now();
    } else {
        TRY_ASSIGN(transfer.intent_index,
                   of_log(parts_.disclosures.intent(intent.disclosure, intent.same)));
        TRY(remember_log());
    }
    // If we die here: the intent is in the log, and the state does not know of it.
    if (is_new) parts_.crash_point("pipeline.intent-logged");
    return {};
}

Status Pipeline::log_event(Outcome& outcome, const steps::Sent& sent) {
    Transfer& transfer = outcome.transfer;
    TRY_ASSIGN(const std::uint64_t index,
               of_log(parts_.disclosures.outcome(transfer.id, audit::DisclosureOutcome::Sent,
                                                 sent.task, parts_.clock.now(), sent.evidence)));
    parts_.crash_point("pipeline.outcome-logged");
    TRY_ASSIGN(const fhir::Json receipt,
               of_log(audit::make_receipt(parts_.disclosures.log(), index, transfer.id)));
    TRY(remember_log());
    // Not sooner: what has an outcome has a receipt.
    transfer.outcome_index = index;
    outcome.parts.push_back({Part::Receipt, receipt.print_pretty() + "\n"});
    return {};
}

Status Pipeline::log_event(Transfer& transfer, audit::DisclosureOutcome outcome,
                           const audit::Details& evidence) {
    TRY_ASSIGN(
        transfer.outcome_index,
        of_log(parts_.disclosures.outcome(transfer.id, outcome, "", parts_.clock.now(), evidence)));
    if (outcome == audit::DisclosureOutcome::Refused) parts_.crash_point("pipeline.refusal-logged");
    return remember_log();
}

Status Pipeline::log_event(const Transfer& transfer, const steps::ForeignPatient& foreign) {
    const fhir::Json event = audit::foreign_patient_alert(crypto::uuid_v4(parts_.random),
                                                          transfer.id, foreign.source_base_url,
                                                          foreign.resources, parts_.clock.now());
    TRY(of_log(parts_.disclosures.log().append(event.print())));
    return remember_log();
}

// Said once, as long as nothing else is known. The state keeps no place of it in the log: it is no
// end, and there is no receipt of it.
Status Pipeline::log_event(const Transfer& transfer, const steps::InAnotherChart& misfiled) {
    const auto known = parts_.disclosures.find(transfer.id);
    if (known && known->outcome == audit::DisclosureOutcome::InAnotherChart) return {};
    const std::string destination =
        parts_.config.destinations.at(transfer.destination).fhir_base_url.text();
    const fhir::Json event =
        audit::another_chart_alert(crypto::uuid_v4(parts_.random), transfer.id, destination,
                                   misfiled.places, parts_.clock.now());
    TRY(of_log(parts_.disclosures.log().append(event.print())));
    // If we die here: the alarm is given twice.
    TRY(of_log(parts_.disclosures.outcome(transfer.id, audit::DisclosureOutcome::InAnotherChart, "",
                                          parts_.clock.now(), misfiled.places)));
    return remember_log();
}

// As long as it is the same part, it is said once. It is no end either.
Status Pipeline::log_event(const Transfer& transfer, const steps::PartThere& part) {
    TRY(of_log(parts_.disclosures.outcome(transfer.id, audit::DisclosureOutcome::InPart, "",
                                          parts_.clock.now(), part.parts)));
    return remember_log();
}

Status Pipeline::log_event(Outcome& outcome, const steps::Acted& acted) {
    TRY_ASSIGN(const std::uint64_t index, of_log(parts_.disclosures.act(acted.act)));
    TRY(remember_log());
    if (acted.act.what != audit::Act::What::Withdrawal) return {};
    TRY_ASSIGN(const fhir::Json receipt,
               audit::make_receipt(parts_.disclosures.log(), index, outcome.transfer.id));
    outcome.parts.push_back({Part::Withdrawal, receipt.print_pretty() + "\n"});
    return {};
}

}  // namespace consultd
