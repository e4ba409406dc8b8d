#include "adapter/steps/prepare.h"

#include <algorithm>

#include "adapter/offer.h"
#include "adapter/stages/pull/find_patient.h"
#include "adapter/stages/pull/pull.h"
#include "adapter/steps/approve.h"
#include "adapter/steps/first_opinion.h"
#include "adapter/steps/sent_before.h"
#include "adapter/verdict.h"

namespace consultd::steps {
namespace {

constexpr Milliseconds pull_span = std::chrono::hours(4);
constexpr Milliseconds farewell_span = std::chrono::seconds(10);
// Within one step; what was pulled so far is kept between them.
constexpr std::uint32_t pull_attempts_max = 4;
constexpr Milliseconds pull_wait_most = std::chrono::seconds(3);
// What failed after that long (a server that is silent, an answer that trickles) is not tried again
// by the same worker: others' transfers are due.
constexpr Milliseconds pull_again_within = std::chrono::seconds(20);

// An order may name the patient by an identifier: the id is found at the source, and kept with the
// order. Where it names one by id as well, both must be the same person.
// Nothing clinical is read from the source that the consent gives no right to.
Status find_permitted_patient(const Context& context, Order& order) {
    if (!order.patient_value.empty()) {
        Peer& source = context.source();
        TRY_ASSIGN(fhir::FhirClient client, context.source_client());
        TRY_ASSIGN(std::string found,
                   source.heard(find_patient(client, order.patient_system, order.patient_value,
                                             context.call(pull_span))));
        if (!order.patient_id.empty() && order.patient_id != found)
            return Error(ErrorKind::NotFound,
                         "the order names two patients: an id and an identifier");
        order.patient_id = std::move(found);
    }
    TRY(check_one_patient(order, context.source_config().fhir_base_url));
    const std::string patient = "Patient/" + order.patient_id;
    order.consent = consent_at_home(order.consent, patient,
                                    context.source_config().fhir_base_url.below(patient).text());
    return check_consent(order.consent, request_of(context, order), patient, context.now());
}

Result<Record> pull_record(const Context& context, const Order& order) {
    Peer& source = context.source();
    TRY_ASSIGN(fhir::FhirClient client, context.source_client());
    const fhir::Call call = context.call(pull_span);
    std::optional<Pull> pull;
    const auto run = [&]() -> Result<Record> {
        if (!pull) {
            TRY_ASSIGN(const auto capability, source.capability(call));
            pull.emplace(client, context.knowledge.plan, context.source_config().pull,
                         context.config.limits, order.patient_id, context.clock, *capability,
                         context.source_config().fhir_base_aliases);
        }
        return source.heard(pull->run(call.deadline, call.stop));
    };
    // A pull goes on where it stopped, so trying again here costs only what is missing.
    std::uint64_t pages = 0;
    for (std::uint32_t attempts = 0;; ++attempts) {
        const MonotonicTime begun = context.clock.monotonic_now();
        Result<Record> record = run();
        // What brought something is no attempt.
        const std::uint64_t pages_now = pull ? pull->progress().pages : 0;
        if (std::exchange(pages, pages_now) != pages_now) attempts = 0;
        const bool took_long = context.clock.monotonic_now() - begun > pull_again_within;
        const bool is_over =
            !record && (context.answers == nullptr || !verdict_of(record.error().kind()).try_again);
        if (record || attempts + 1 >= pull_attempts_max ||
            !verdict_of(record.error().kind()).try_again ||
            record.error().kind() == ErrorKind::Cancelled) {
            if (is_over && pull) pull->abandon(Deadline::after(context.clock, farewell_span));
            return record;
        }
        const Milliseconds span = backoff(attempts, record.error(), context.random);
        // A long wait is not for a thread to sit through: the transfer is due then. A rehearsal has
        // somebody who waits for it.
        if (context.answers != nullptr && (took_long || span > pull_wait_most)) return record;
        context.log.warn(
            "pull-again",
            {{"kind", record.error().kind()}, {"attempt", attempts + 1}, {"wait_ms", span}});
        if (!context.clock.wait_until(context.clock.monotonic_now() + span, context.stop))
            return Error(ErrorKind::Cancelled, "stopped while waiting for the source");
    }
}

std::uint64_t foreign_resources(const Record& record) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(record.rejected, [](const RejectedResource& rejected) {
            return rejected.reason.view() == "wrong-patient";
        }));
}

// Within the limits that were put on the pull, until somebody asks to stop.
Budget budget_of(const Context& context) {
    const config::Limits& limits = context.config.limits;
    return {.stop = context.stop,
            .resources_max = limits.resources,
            .bytes_max = static_cast<std::size_t>(limits.record_bytes)};
}

Result<Prepared> prepared_of(const Context& context, const Order& order, Record record) {
    return consultd::prepare(std::move(record), order.consent, request_of(context, order),
                             context.knowledge, budget_of(context));
}

std::string text_of(const Packet& packet) {
    std::string text;
    text.reserve(packet.bundle_bytes);
    packet.bundle.print_to(text);
    return text;
}

// What there is to choose from is the record's, whatever was chosen of it before.
Result<fhir::Json> consent_to_read(const Context& context, const Order& order) {
    TRY_ASSIGN(const bool was_chosen_from, context.parts.has(Part::ConsentToRead));
    if (!was_chosen_from) return order.consent;
    TRY_ASSIGN(std::string text, context.parts.open(Part::ConsentToRead));
    TRY_ASSIGN(fhir::Json consent, fhir::Json::parse(std::move(text)));
    const std::string patient = "Patient/" + order.patient_id;
    return consent_at_home(consent, patient,
                           context.source_config().fhir_base_url.below(patient).text());
}

Result<Outcome> make_packet(const Context& context, const Order& order, Record record) {
    Transfer transfer = context.transfer;
    // Zero records is a finding, not a success; so is that it is not known whether there are any.
    if (!has_clinical(record)) {
        set_reason(transfer, why_nothing_clinical(record), &context.source());
        return to(TransferState::Held, std::move(transfer))
            .with(Part::Gaps, gaps_json(record.gaps).print());
    }
    const bool is_sealed = order.first_opinion == FirstOpinion::Sealed;
    std::string offer;
    if (order.waits_for_patient) {
        TRY_ASSIGN(const fhir::Json to_read, consent_to_read(context, order));
        TRY_ASSIGN(const Offers all, offer_of(record, to_read, request_of(context, order),
                                              context.knowledge, budget_of(context)));
        offer = consultd::text_of(all);
    }
    Record again = is_sealed ? record : Record();
    TRY_ASSIGN(Prepared prepared, prepared_of(context, order, std::move(record)));
    std::string held_back;
    if (is_sealed) {
        TRY_ASSIGN(held_back, held_back_of(context, order, std::move(again), prepared.ledger));
    }
    transfer.pulled = prepared.counts.pulled;
    transfer.delivered = prepared.counts.delivered;
    transfer.merged = prepared.counts.merged;
    transfer.withheld = prepared.counts.withheld;
    transfer.rejected = prepared.counts.rejected;
    transfer.complete = prepared.input.gaps.empty();
    TRY_ASSIGN(transfer.prepared, is_chosen(context, order));
    if (!transfer.prepared) set_reason(transfer, "choice");
    // If we die before this: the pull begins anew. After it: these bytes, and no others, are sent;
    // or they are what the patient chooses from, and none of them is.
    Outcome outcome =
        to(transfer.prepared ? TransferState::Prepared : TransferState::Held, std::move(transfer));
    if (!offer.empty()) outcome.parts.push_back({Part::Offer, std::move(offer)});
    if (!held_back.empty()) outcome.parts.push_back({Part::FirstOpinion, std::move(held_back)});
    return std::move(outcome)
        .with(Part::Bundle, text_of(prepared.packet))
        .with(Part::Packet, std::move(prepared.packet.html))
        .with(Part::Ledger, prepared.ledger.ndjson(prepared.counts.pulled))
        .with(Part::Completeness, prepared.packet.completeness.print_pretty() + "\n")
        .with(Part::Manifest, std::move(prepared.manifest))
        .with(Part::Gaps, gaps_json(prepared.input.gaps).print())
        .crash_point("pipeline.prepared");
}

Result<Outcome> pull(const Context& context, const Order& order) {
    TRY_ASSIGN(Record brought, pull_record(context, order));
    const std::uint64_t foreign = foreign_resources(brought);
    if (foreign == 0) return make_packet(context, order, std::move(brought));
    context.log.error("foreign-patient",
                      {{"transfer", OwnId(context.transfer.id)}, {"resources", foreign}});
    // The alarm is durable before anything is made of the rest.
    return to(TransferState::Pulling, context.transfer)
        .after(ForeignPatient{brought.base_url, foreign})
        .then([order, record = std::make_shared<Record>(std::move(brought))](const Context& later) {
            return make_packet(later, order, std::move(*record));
        });
}

}  // namespace

Result<Outcome> begin_pull(const Context& context) {
    TRY_ASSIGN(Order order, load_order(context.parts, context.transfer));
    TRY(find_permitted_patient(context, order));
    Transfer transfer = context.transfer;
    // The order may have named the patient by an identifier: one patient has one pseudonym.
    transfer.patient_pseudonym = patient_pseudonym(context.sealer, order.source, order.patient_id);
    TRY_ASSIGN(SentBefore before, sent_before(context, order, transfer.patient_pseudonym));
    if (before.outcome) return *std::move(before.outcome);
    // If we die after this: the pull goes on with what was answered.
    return to(TransferState::Pulling, std::move(transfer))
        .with(Part::Request, request_text(order))
        .crash_point("pipeline.pulling")
        .then([order](const Context& later) { return pull(later, order); });
}

Result<Prepared> rehearse(const Context& context, Order order) {
    TRY(find_permitted_patient(context, order));
    TRY_ASSIGN(Record record, pull_record(context, order));
    return prepared_of(context, order, std::move(record));
}

}  // namespace consultd::steps
