#include "adapter/steps/withdraw.h"

#include <algorithm>

#include "adapter/stages/erase.h"
#include "adapter/stages/withdraw.h"
#include "adapter/steps/shipment.h"
#include "adapter/verdict.h"

namespace consultd::steps {
namespace {

std::string_view word_of(WithdrawnThere::Way way) {
    switch (way) {
        case WithdrawnThere::Way::TaskCancelled:
            return "task-cancelled";
        case WithdrawnThere::Way::WasCancelled:
            return "task-was-cancelled";
        case WithdrawnThere::Way::Asked:
            return "asked-by-communication";
    }
    return "";
}

// Nothing is given up: where it took neither, the wish is told again at each look.
Outcome not_yet(const Context& context, const Error& error) {
    Transfer transfer = context.transfer;
    context.tell("withdrawal-not-taken", error);
    set_reason(transfer, "withdrawal-not-taken", &context.destination());
    const Milliseconds wait = backoff(++transfer.attempts, error, context.random);
    transfer.due = context.due_in(std::min(wait, context.destination_config().follow.every));
    return {.transfer = std::move(transfer)};
}

constexpr Milliseconds erase_span = std::chrono::minutes(30);

bool deletes(const Context& context) {
    return context.destination_config().deliver.delete_on_withdrawal;
}

Afterwards afterwards(const Context& context) {
    return deletes(context) ? Afterwards::IsDeleted : Afterwards::Stays;
}

// What is to be deleted there, the last of the transaction first: what refers before what is
// referred to. The Task stays, as the notice; so does the chart.
Result<std::vector<Erased>> erase_delivered(const Context& context, const Account& account) {
    std::vector<Delivered> things;
    for (const AccountEntry& entry : account.entries)
        if (!entry.location.empty() && entry.type != "Patient" && entry.type != "Task")
            things.push_back(
                {entry.location, entry.by, entry.system, entry.value, entry.sha256, entry.bytes});
    std::ranges::reverse(things);
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    return destination.heard(erase_there(*client, things, context.call(erase_span)));
}

// Each with its answer: in the log by count and hash, and so in the receipt.
void say_what_was_erased(audit::Act& act, Outcome& outcome, const std::vector<Erased>& erased) {
    using enum Erased::Outcome;
    for (const Erased::Outcome one : {Deleted, Gone, Refused, NotOurs}) {
        const auto count = std::ranges::count(erased, one, &Erased::outcome);
        act.details.emplace_back(name_of(one), std::to_string(count));
    }
    std::string lines = lines_of(erased);
    act.details.emplace_back("deletions-sha256", crypto::hex(crypto::sha256(lines)));
    outcome.parts.push_back({Part::Deletions, std::move(lines)});
}

// Nothing of it is left there: no Task, and no chart of ours, as none is ever deleted.
bool is_all_erased(const Account& account, const std::vector<Erased>& erased) {
    const auto stays = [](const AccountEntry& entry) {
        return entry.is_part_there() && (entry.type == "Patient" || entry.type == "Task");
    };
    return std::ranges::none_of(account.entries, stays) &&
           std::ranges::all_of(erased, [](const Erased& one) {
               return one.outcome == Erased::Outcome::Deleted ||
                      one.outcome == Erased::Outcome::Gone;
           });
}

// Where the Task lies, if it does.
std::string task_there(const Account& account) {
    const bool has_task = !account.entries.empty() && account.entries.back().type == "Task";
    return has_task ? account.entries.back().location : std::string();
}

// It could not be told, or not be deleted, now: another time, and a person in the end.
Outcome parts_remain(const Context& context, const Error& error) {
    Outcome outcome = stands(context, context.transfer, error);
    if (outcome.transfer.state == TransferState::Held)
        set_reason(outcome.transfer, "withdrawn-in-part", &context.destination());
    return outcome;
}

}  // namespace

Result<Outcome> withdraw(const Context& context) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    Transfer transfer = context.transfer;
    const Result<WithdrawnThere> told = destination.heard(
        withdraw_there(*client, transfer.destination_task, transfer.id, context.clock.now(),
                       context.exchange(), afterwards(context)));
    if (!told && told.error().kind() == ErrorKind::Cancelled) return told.error();
    if (!told) return not_yet(context, told.error());
    audit::Act act = act_of(context, audit::Act::What::Withdrawal);
    act.outcome = word_of(told->way);
    act.details = {{"destination-task", transfer.destination_task},
                   {"answered-at", told->where},
                   {"asked", format_instant(*transfer.withdrawal_asked)}};
    set_reason(transfer, "asked-back", &destination);
    if (told->way != WithdrawnThere::Way::Asked) transfer.remote_status = "cancelled";
    Outcome outcome = to(TransferState::Withdrawn, std::move(transfer));
    if (deletes(context)) {
        TRY_ASSIGN(const Account account, account_kept(context));
        const Result<std::vector<Erased>> erased = erase_delivered(context, account);
        if (!erased && erased.error().kind() == ErrorKind::Cancelled) return erased.error();
        if (!erased) return not_yet(context, erased.error());
        say_what_was_erased(act, outcome, *erased);
    }
    // If we die before this: the destination has it; it is told again, and says so.
    return std::move(outcome).after(Acted{std::move(act)}).crash_point("pipeline.withdrawn");
}

audit::Details parts_there(const Account& account) {
    std::string all;
    for (const AccountEntry& entry : account.entries)
        if (entry.is_part_there()) all += (all.empty() ? "" : " ") + entry.location;
    return {{"way", account.way()}, {"parts-there", std::move(all)}};
}

Result<Outcome> withdraw_parts(const Context& context, const Account& account) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    Transfer transfer = context.transfer;
    const Result<WithdrawnThere> told = destination.heard(
        withdraw_there(*client, task_there(account), transfer.id, context.clock.now(),
                       context.exchange(), afterwards(context)));
    if (!told && told.error().kind() == ErrorKind::Cancelled) return told.error();
    if (!told && verdict_of(told.error().kind()).try_again)
        return parts_remain(context, told.error());
    audit::Act act = act_of(context, audit::Act::What::Withdrawal);
    act.details = parts_there(account);
    act.details.emplace_back("asked", format_instant(*transfer.withdrawal_asked));
    set_reason(transfer, "asked-back", &destination);
    Outcome outcome = to(TransferState::Withdrawn, std::move(transfer));
    bool is_nothing_left = false;
    if (deletes(context)) {
        const Result<std::vector<Erased>> erased = erase_delivered(context, account);
        if (!erased && erased.error().kind() == ErrorKind::Cancelled) return erased.error();
        if (!erased) return parts_remain(context, erased.error());
        say_what_was_erased(act, outcome, *erased);
        is_nothing_left = is_all_erased(account, *erased);
    }
    if (!told && !is_nothing_left) {
        context.tell("withdrawal-not-taken", told.error());
        set_reason(outcome.transfer, "withdrawn-in-part", &destination);
        outcome.transfer.state = TransferState::Held;
        return outcome;
    }
    act.outcome = told ? word_of(told->way) : "parts-deleted";
    if (told) act.details.emplace_back("answered-at", told->where);
    // If we die before this: the destination has it; it is told again, and says so.
    return std::move(outcome).after(Acted{std::move(act)});
}

}  // namespace consultd::steps
