#include "adapter/pipeline.h"

#include <algorithm>
#include <array>

#include "adapter/memory_budget.h"
#include "adapter/patient_access.h"
#include "adapter/pulled_answers.h"
#include "adapter/steps/approve.h"
#include "adapter/steps/delivered.h"
#include "adapter/steps/dispatch.h"
#include "adapter/steps/follow.h"
#include "adapter/steps/prepare.h"
#include "adapter/steps/withdraw.h"

namespace consultd {
namespace {

using State = TransferState;
using steps::Context;
using steps::Outcome;

constexpr std::uint64_t deaths_max = 5;  // of the process, in one step

// The drawing at the top of adapter/README.md: what each state asks for. What follows is in the
// outcomes; whether it may follow, in transfer.cpp.
struct Row {
    State state;
    Result<Outcome> (*step)(const Context&);
};
constexpr Row steps_by_state[] = {
    {State::Requested, steps::begin_pull},       // → pulling → prepared
    {State::Pulling, steps::begin_pull},         // anew
    {State::Prepared, steps::when_approved},     // → sending: the intent is in the log
    {State::Sending, steps::send},               // asks; → delivered, uncertain, refused
    {State::Uncertain, steps::send},             // the same
    {State::Delivered, steps::follow},           // → opinion-received, closed
    {State::OpinionReceived, steps::follow_on},  // → closed
};

Result<Outcome> run_step(const Context& context) {
    // It is there, and a person wants it back.
    if (is_delivered(context.transfer.state) && context.transfer.withdrawal_asked)
        return steps::withdraw(context);
    for (const Row& row : steps_by_state)
        if (row.state == context.transfer.state) return row.step(context);
    return Outcome{.transfer = context.transfer};  // nothing that a worker does by itself
}

// Bytes may be about to leave, or may have: what the log knows of the transfer is looked at first.
bool is_about_sending(State state) {
    return state == State::Prepared || state == State::Sending || state == State::Uncertain;
}

bool is_read(State state) { return state == State::Requested || state == State::Pulling; }

// What a step wanted saved is against a wish to withdraw that came while it ran.
bool is_against_wish(const Status& written) {
    return !written && written.error().number("withdrawal").has_value();
}

// What the destination says decides, and not what the log has of it.
bool is_final(const std::optional<audit::DisclosureOutcome>& outcome) {
    return outcome && !audit::is_open(*outcome);
}

// Ours, not the transfer's: stopped, the lease lost, the disk, the audit log.
bool is_for_the_worker(const Error& error) {
    const ErrorKind kind = error.kind();
    return kind == ErrorKind::Cancelled || kind == ErrorKind::Storage ||
           (kind == ErrorKind::Corrupt && error.number("log")) ||
           (kind == ErrorKind::Conflict && error.number("fence"));
}

// Bytes may have left: that memory ran out is no answer.
Error after_bytes(Error error, const Transfer& transfer) {
    const bool may_have_left = transfer.state == State::Sending && transfer.sent;
    if (error.kind() != ErrorKind::TooLarge || !may_have_left) return error;
    return Error(ErrorKind::Uncertain, "the answer takes more memory than the limit");
}

}  // namespace

bool goes_on_reading(const Transfer& transfer) {
    constexpr std::string_view left[] = {"not-authorized", "rate-limited", "unavailable",
                                         "stopped",        "busy",         "choice"};
    return is_read(transfer.state) ||
           (transfer.state == State::Held && std::ranges::count(left, transfer.reason) > 0);
}

Pipeline::Pipeline(PipelineParts parts) : parts_(std::move(parts)) {
    // What cannot be read is learnt anew.
    for (const auto& [key, destination] : parts_.config.destinations) {
        Result<std::optional<std::string>> kept = parts_.store.learnt(key);
        Peer* const peer = parts_.peers.destination(key);
        if (peer != nullptr && kept && *kept) peer->recall(**std::move(kept));
    }
}

Context Pipeline::context_of(const Transfer& transfer, std::stop_token stop,
                             fhir::KeptAnswers* answers, fhir::Credentials* access) const {
    const auto known = parts_.disclosures.find(transfer.id);
    return {.transfer = transfer,
            .config = parts_.config,
            .peers = parts_.peers,
            .knowledge = parts_.knowledge,
            .parts = PartReader(parts_.store, parts_.sealer, transfer.id),
            .sealer = parts_.sealer,
            .clock = parts_.clock,
            .random = parts_.random,
            .log = parts_.log,
            .attempts_max = parts_.attempts_max,
            .crash_point = parts_.crash_point,
            .settling = parts_.settling,
            .is_inherited = known && known->is_inherited && !is_final(known->outcome),
            .log_time = parts_.disclosures.log_time(),
            .earlier = [this](const SameOrder& same) { return earlier(same); },
            .stop = std::move(stop),
            .is_asked_back = [this](const std::string& id) -> Result<bool> {
                TRY_ASSIGN(const auto other, parts_.store.find(id));
                return other && other->withdrawal_asked.has_value();
            },
            .answers = answers,
            .access = access};
}

Result<Transfer> Pipeline::advance(Lease lease, std::stop_token stop) {
    PulledAnswers answers(parts_.store, parts_.sealer, parts_.clock, lease);
    PatientAccess access(parts_.peers.source(lease.transfer.source), parts_.store, parts_.sealer,
                         parts_.clock, lease);
    const Context context = context_of(lease.transfer, std::move(stop), &answers, &access);
    // What a step needs memory for is its work; what is written down is small, and never half done.
    const auto within = [&](const std::function<Result<Outcome>()>& work) {
        Result<Outcome> outcome = Error(ErrorKind::TooLarge, "the step did not end");
        const Status ran = within_memory(parts_.config.limits.memory_bytes, [&]() -> Status {
            outcome = work();
            return {};
        });
        return ran ? std::move(outcome) : Result<Outcome>(after_bytes(ran.error(), lease.transfer));
    };
    Result<Outcome> outcome = within([&] { return first_outcome(context, lease.deaths); });
    for (;;) {
        Status written = outcome ? write_down(lease, *outcome) : Status(outcome.error());
        const bool stands = !written && !is_for_the_worker(written.error());
        if (stands && !is_against_wish(written)) {
            Transfer standing_one = lease.transfer;
            // Attempts that brought something are none.
            if (answers.kept_new() > 0 || written.error().number("progress"))
                standing_one.attempts = 0;
            Outcome standing = steps::stands(context, std::move(standing_one), written.error());
            written = write_down(lease, standing);
            if (written) return lease.transfer;
        }
        if (is_against_wish(written)) {
            TRY(obey_wish(lease, context));
            return lease.transfer;
        }
        if (!written) return written.error();
        if (!outcome->next) return lease.transfer;
        outcome = within([&] { return outcome->next(context); });
    }
}

Result<Outcome> Pipeline::first_outcome(const Context& context, std::uint64_t deaths) {
    const Transfer& transfer = context.transfer;
    if (must_be_withdrawn(transfer)) return withdrawn(context);
    // An opinion is here already, whoever has left the configuration since.
    const bool is_here = transfer.state == State::OpinionReceived && !transfer.withdrawal_asked;
    if (!is_here && !context.has_peers())
        return Error(ErrorKind::Config, "its source or destination left the configuration");
    // What kills us each time is not tried for ever.
    if (deaths >= deaths_max) {
        parts_.log.error("step-dies", {{"transfer", OwnId(transfer.id)}});
        Transfer held = transfer;
        steps::set_reason(held, "step-dies");
        return steps::to(State::Held, std::move(held));
    }
    if (is_about_sending(transfer.state))
        if (const auto known = parts_.disclosures.find(transfer.id);
            known && is_final(known->outcome))
            return adopt(context, *known);
    return run_step(context);
}

// The log has the outcome and the state does not: we died between the two, or the state was
// restored from an older copy. The log is what is true.
Result<Outcome> Pipeline::adopt(const Context& context, const Disclosures::Entry& known) const {
    Transfer transfer = context.transfer;
    transfer.intent_index = known.intent_index;
    if (known.outcome == audit::DisclosureOutcome::NotSent ||
        known.outcome == audit::DisclosureOutcome::NothingThere) {
        // Without a wish: the log says how it ended, and the state is from before.
        steps::set_reason(transfer, transfer.withdrawal_asked ? StaticText("cancelled")
                                                              : StaticText("ended-before"));
        return steps::to(State::Withdrawn, std::move(transfer));
    }
    if (known.outcome == audit::DisclosureOutcome::Refused) {
        transfer.outcome_index = known.outcome_index;
        return steps::to(State::Refused, std::move(transfer));
    }
    if (!transfer.sent) transfer.sent = parts_.clock.now();
    if (transfer.state == State::Prepared) {
        transfer.due = at_once;
        return steps::to(State::Uncertain, std::move(transfer));
    }
    const ReadBack there{.found = true,
                         .task = known.destination_task,
                         .status = transfer.remote_status,
                         .copies = 1};
    TRY_ASSIGN(const audit::Details evidence, of_log(parts_.disclosures.evidence(known)));
    return steps::delivered(context, std::move(transfer), there, evidence);
}

// Nothing has left, by what the state says. Where the log knows better, its outcome is adopted.
Outcome Pipeline::withdrawn(const Context& context) const {
    Transfer transfer = context.transfer;
    const auto known = parts_.disclosures.find(transfer.id);
    const bool log_knows_better = known && known->outcome &&
                                  known->outcome != audit::DisclosureOutcome::NotSent &&
                                  known->outcome != audit::DisclosureOutcome::NothingThere;
    if (log_knows_better) {
        transfer.sent = parts_.clock.now();
        transfer.due = at_once;
        return steps::to(State::Uncertain, std::move(transfer));
    }
    steps::set_reason(transfer, "cancelled");
    return steps::to(State::Withdrawn, std::move(transfer));
}

// The wish came while the step ran, and what the step wanted to save was against it.
Status Pipeline::obey_wish(Lease& lease, const Context& context) {
    TRY_ASSIGN(const std::optional<Transfer> stored, parts_.store.find(lease.transfer.id));
    if (!stored) return Error(ErrorKind::Corrupt, "the transfer is gone from the store");
    lease.transfer = *stored;
    // Bytes may have left before: the next step reads back, and sends nothing.
    if (!must_be_withdrawn(lease.transfer)) return {};
    Outcome outcome = withdrawn(context);
    return write_down(lease, outcome);
}

Status Pipeline::keep_learnt(const Transfer& transfer) {
    Peer* const peer = parts_.peers.destination(transfer.destination);
    if (peer == nullptr) return {};
    if (const std::optional<std::string> text = peer->learnt_to_keep())
        return patiently([&] { return parts_.store.keep_learnt(transfer.destination, *text); });
    return {};
}

// The one place through which a transfer gets from state to state.
Status Pipeline::save(Lease& lease, Transfer next, const std::vector<steps::PlainPart>& parts) {
    const State state = next.state;
    const bool progress = lease.transfer.state != state;
    // A clock that was set back revives no consent: no time of ours goes back with it.
    next.updated = std::max(parts_.clock.now(), lease.transfer.updated);
    // Between sending and not knowing there is no progress: the tries add up.
    if (progress && state != State::Sending && state != State::Uncertain) next.attempts = 0;
    // That it is there twice stays true for as long as it is there.
    const bool is_doubled =
        is_delivered(state) && std::ranges::count(std::array{next.reason, lease.transfer.reason},
                                                  std::string("doubled-there")) > 0;
    // What the step itself says of the new state stays.
    const bool is_of_before = next.reason == lease.transfer.reason;
    if (progress && is_runnable(state) && is_of_before) clear_reason(next);
    if (is_doubled && next.reason.empty())
        steps::set_reason(next, "doubled-there", parts_.peers.destination(next.destination));
    const bool has_own_due =
        state == State::Uncertain || state == State::Delivered || state == State::OpinionReceived;
    if (progress && !has_own_due) next.due = parts_.settling.time();
    // A wish that came while the step ran does not wait for the next look.
    if (is_delivered(state) && !lease.transfer.withdrawal_asked) {
        TRY_ASSIGN(const std::optional<Transfer> stored, parts_.store.find(next.id));
        if (stored && stored->withdrawal_asked) next.due = at_once;
    }
    std::vector<SealedPart> sealed;
    TRY(within_memory(parts_.config.limits.memory_bytes, [&]() -> Status {
        for (const steps::PlainPart& part : parts)
            sealed.push_back(seal_part(parts_.sealer, next.id, part.part, part.bytes));
        return {};
    }));
    // If we die after this: the next transfer begins with what was learnt.
    TRY(keep_learnt(lease.transfer));
    // If we die after this, and before the next: the source is asked anew.
    if (is_read(lease.transfer.state) && !goes_on_reading(next))
        TRY(parts_.store.forget_answers(next.id));
    // If we die before this: the transfer is as it was. After it: as the outcome has it.
    TRY(patiently([&] { return parts_.store.save(lease, next, sealed); }));
    lease.transfer = std::move(next);
    if (progress)
        parts_.log.info("state", {{"transfer", OwnId(lease.transfer.id)},
                                  {"state", StaticText::from_table(name_of(state).data())},
                                  {"by", lease.transfer.asked_by.for_log()}});
    return {};
}

Result<Prepared> Pipeline::prepare_only(Order order, std::stop_token stop) {
    Transfer transfer;
    transfer.id = crypto::uuid_v4(parts_.random);
    transfer.source = order.source;
    transfer.destination = order.destination;
    transfer.created = parts_.clock.now();
    return steps::rehearse(context_of(transfer, std::move(stop)), std::move(order));
}

}  // namespace consultd
