#include "adapter/steps/follow.h"

#include "adapter/opinion.h"
#include "adapter/stages/deliver/account.h"
#include "adapter/stages/deliver/entries.h"
#include "adapter/stages/deliver/identity.h"
#include "adapter/stages/follow/follow.h"
#include "adapter/steps/first_opinion.h"
#include "adapter/steps/identify.h"

namespace consultd::steps {
namespace {

bool is_no_answer(const Error& error) {
    return error.kind() != ErrorKind::NotFound && error.kind() != ErrorKind::Forbidden &&
           error.kind() != ErrorKind::Malformed && error.kind() != ErrorKind::Unsupported;
}

// Where we died between the log and the state, the account does not know where its entries lie:
// they are found by the names that we gave them. Empty: not there, or not once.
Result<std::string> place_of(fhir::FhirClient& client, const AccountEntry& entry,
                             const fhir::Call& call) {
    if (!entry.location.empty()) return entry.location;
    if (!entry.own.empty()) return entry.own;
    fhir::Query query;
    query.add_token(entry.by, entry.system, entry.value);
    const Result<fhir::FhirResponse> found =
        client.start_search(client.base().below(entry.type + "/_search"), query.text(), call).get();
    if (!found && is_no_answer(found.error())) return found.error();
    std::string place;
    if (!found) return place;
    for (const fhir::JsonView item : found->body["entry"].items()) {
        if (item.at("resource", "resourceType").string() != entry.type) continue;
        if (!place.empty()) return std::string();
        place = entry.type + "/" + std::string(item.at("resource", "id").string());
    }
    return place;
}

// A state that was restored from an older copy may have none.
Result<Account> kept_account(const Context& context) {
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::Account));
    if (!is_kept) return Account();
    TRY_ASSIGN(std::string text, context.parts.open(Part::Account));
    return Account::parse(std::move(text));
}

Result<OurOrder> our_order(const Context& context, fhir::FhirClient& client) {
    TRY_ASSIGN(const Account account, kept_account(context));
    OurOrder order{.transfer_id = context.transfer.id, .patient = account.chart};
    if (account.new_chart != AccountEntry::nobody) {
        const AccountEntry& chart = account.entries[account.new_chart];
        TRY_ASSIGN(order.patient, place_of(client, chart, context.exchange()));
        order.is_chart_certain = chart.system != patient_system || account.is_all_confirmed();
    }
    if (account.order != AccountEntry::nobody) {
        TRY_ASSIGN(order.request,
                   place_of(client, account.entries[account.order], context.exchange()));
    }
    for (const AccountEntry& entry : account.entries)
        if (!entry.location.empty()) order.delivered.insert(entry.location);
    const auto& strong_systems = context.destination_config().deliver.strong_identifiers;
    order.is_same = [&](fhir::JsonView left, fhir::JsonView right) {
        return is_named_alike(compare_patients(left, right, strong_systems));
    };
    TRY_ASSIGN(order.is_that_person, person_of(context));
    return order;
}

Result<Followed> look(const Context& context) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    TRY_ASSIGN(const OurOrder order, our_order(context, *client));
    return destination.heard(
        consultd::follow(*client, context.transfer.destination_task, order, context.exchange()));
}

bool is_ended(const Followed& seen) {
    return seen.status == "rejected" || seen.status == "cancelled" || seen.status == "failed" ||
           seen.status == "entered-in-error";
}

bool is_over(const Context& context) {
    const config::Follow& settings = context.destination_config().follow;
    return context.transfer.sent &&
           context.settling.time() > *context.transfer.sent + settings.span;
}

Outcome later(const Context& context, Transfer transfer) {
    transfer.due = context.due_in(context.destination_config().follow.every);
    return {.transfer = std::move(transfer)};
}

Result<Opinion> opinion_so_far(const Context& context) {
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::Opinion));
    if (!is_kept) return Opinion();
    TRY_ASSIGN(std::string text, context.parts.open(Part::Opinion));
    return Opinion::parse(std::move(text));
}

void tell_problems(const Context& context, const Followed& seen) {
    for (const StaticText problem : seen.problems)
        context.log.error("opinion-not-taken",
                          {{"transfer", OwnId(context.transfer.id)}, {"problem", problem}});
}

// That there is nothing to read yet, and what we sent ourselves, is no part of an opinion.
bool is_of_an_opinion(StaticText problem) {
    return problem.view() != "not-written" && problem.view() != "sent-by-us";
}

// What came back says that it is somebody else's, or an answer to something else.
bool is_any_not_ours(const Followed& seen) {
    return std::ranges::any_of(seen.problems, [](StaticText problem) {
        return problem.view() == "other-patient" || problem.view() == "other-order";
    });
}

bool has_problem(const Followed& seen, std::string_view word) {
    return std::ranges::any_of(seen.problems,
                               [&](StaticText problem) { return problem.view() == word; });
}

void say_what_is_missing(const Context& context, Transfer& transfer, const Followed& seen) {
    const Peer* const there = &context.destination();
    if (is_any_not_ours(seen))
        set_reason(transfer, "opinion-not-ours", there);
    else if (has_problem(seen, "void"))
        set_reason(transfer, "opinion-void", there);
    else if (std::ranges::any_of(seen.problems, is_of_an_opinion))
        set_reason(transfer, "opinion-incomplete", there);
    else if (!has_output(seen.task))
        set_reason(transfer, "no-opinion", there);
    else if (seen.is_preliminary)
        set_reason(transfer, "opinion-preliminary", there);
}

// The outcome with what was taken, where it says something that we did not have yet.
Result<Outcome> with_opinion(const Context& context, Outcome outcome, const Followed& seen) {
    TRY_ASSIGN(Opinion opinion, opinion_so_far(context));
    if (!has_output(seen.task) || !opinion.add(seen.task, seen.resources, context.clock.now()))
        return outcome;
    audit::Act act = act_of(context, audit::Act::What::Opinion);
    act.details = {{"version", std::to_string(opinion.versions())},
                   {"resources", std::to_string(seen.resources.size())},
                   {"not-taken", std::to_string(seen.problems.size())}};
    // If we die before it is saved: it is taken again, and the log says so twice.
    return std::move(outcome)
        .after(Acted{std::move(act)})
        .with(Part::Opinion, opinion.text())
        .crash_point("pipeline.opinion");
}

Result<Outcome> conclude(const Context& context, Transfer transfer, const Followed& seen) {
    tell_problems(context, seen);
    say_what_is_missing(context, transfer, seen);
    const bool is_whole =
        has_output(seen.task) && std::ranges::none_of(seen.problems, is_of_an_opinion);
    transfer.due = context.due_in(context.destination_config().follow.every);
    TRY_ASSIGN(Outcome outcome,
               with_opinion(context,
                            to(is_whole ? TransferState::OpinionReceived : TransferState::Held,
                               std::move(transfer)),
                            seen));
    // What follows the opinion waits for one that stands.
    if (!is_whole || seen.is_preliminary) return outcome;
    return with_release(context, std::move(outcome));
}

}  // namespace

Result<Outcome> follow(const Context& context) {
    // Nobody answers to what followed their answer.
    TRY_ASSIGN(const Order order, load_order(context.parts, context.transfer));
    if (!order.release.of.empty()) return to(TransferState::Closed, context.transfer);
    TRY_ASSIGN(const Followed seen, look(context));
    Transfer transfer = context.transfer;
    transfer.remote_status = known_task_status(seen.status);
    transfer.attempts = 0;
    clear_reason(transfer);
    if (seen.status == "completed") return conclude(context, std::move(transfer), seen);
    if (is_ended(seen)) {
        set_reason(transfer, "destination-ended-it", &context.destination());
        return to(TransferState::Closed, std::move(transfer));
    }
    if (is_over(context)) {
        set_reason(transfer, "opinion-overdue", &context.destination());
        return to(TransferState::Held, std::move(transfer));
    }
    return later(context, std::move(transfer));
}

// The opinion is here: whatever the other side does now, it is not held for that.
Result<Outcome> follow_on(const Context& context) {
    Transfer transfer = context.transfer;
    if (!context.has_peers() || is_over(context)) return to(TransferState::Closed, transfer);
    const Result<Followed> seen = look(context);
    if (!seen && seen.error().kind() == ErrorKind::Cancelled) return seen.error();
    if (!seen) {
        context.tell("opinion-not-looked-for", seen.error());
        return later(context, std::move(transfer));
    }
    transfer.remote_status = known_task_status(seen->status);
    if (is_ended(*seen)) return to(TransferState::Closed, std::move(transfer));
    tell_problems(context, *seen);
    clear_reason(transfer);
    const bool is_done = seen->status == "completed";
    if (is_done) say_what_is_missing(context, transfer, *seen);
    TRY_ASSIGN(Outcome outcome, with_opinion(context, later(context, std::move(transfer)), *seen));
    if (!is_done || !outcome.transfer.reason.empty()) return outcome;
    return with_release(context, std::move(outcome));
}

}  // namespace consultd::steps
