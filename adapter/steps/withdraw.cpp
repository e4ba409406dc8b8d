#include "adapter/steps/withdraw.h"

#include <algorithm>

#include "adapter/stages/deliver/account.h"
#include "adapter/stages/erase.h"
#include "adapter/stages/withdraw.h"
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

// What is to be deleted there, the last of the transaction first: what refers before what is
// referred to. The Task stays, as the notice; so does the chart.
Result<std::vector<Delivered>> delivered_things(const Context& context) {
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::Account));
    if (!is_kept) return std::vector<Delivered>();
    TRY_ASSIGN(std::string text, context.parts.open(Part::Account));
    TRY_ASSIGN(const Account account, Account::parse(std::move(text)));
    std::vector<Delivered> things;
    for (const AccountEntry& entry : account.entries)
        if (!entry.location.empty() && entry.type != "Patient" && entry.type != "Task")
            things.push_back({entry.location, entry.by, entry.system, entry.value, entry.sha256});
    std::ranges::reverse(things);
    return things;
}

void say_what_was_erased(audit::Act& act, const std::vector<Erased>& erased,
                         const std::string& lines) {
    using enum Erased::Outcome;
    for (const Erased::Outcome outcome : {Deleted, Gone, Refused, NotOurs}) {
        const auto count = std::ranges::count(erased, outcome, &Erased::outcome);
        act.details.emplace_back(name_of(outcome), std::to_string(count));
    }
    act.details.emplace_back("deletions-sha256", crypto::hex(crypto::sha256(lines)));
}

}  // namespace

Result<Outcome> withdraw(const Context& context) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    Transfer transfer = context.transfer;
    const bool deletes = context.destination_config().deliver.delete_on_withdrawal;
    const Result<WithdrawnThere> told = destination.heard(
        withdraw_there(*client, transfer.destination_task, transfer.id, context.clock.now(),
                       context.exchange(), deletes ? Afterwards::IsDeleted : Afterwards::Stays));
    if (!told && told.error().kind() == ErrorKind::Cancelled) return told.error();
    if (!told) return not_yet(context, told.error());
    audit::Act act = act_of(context, audit::Act::What::Withdrawal);
    act.outcome = word_of(told->way);
    act.details = {{"destination-task", transfer.destination_task},
                   {"answered-at", told->where},
                   {"asked", format_instant(*transfer.withdrawal_asked)}};
    set_reason(transfer, "cancelled");
    Outcome outcome = to(TransferState::Withdrawn, std::move(transfer));
    if (deletes) {
        TRY_ASSIGN(const std::vector<Delivered> things, delivered_things(context));
        const Result<std::vector<Erased>> erased =
            destination.heard(erase_there(*client, things, context.call(erase_span)));
        if (!erased && erased.error().kind() == ErrorKind::Cancelled) return erased.error();
        if (!erased) return not_yet(context, erased.error());
        std::string lines = lines_of(*erased);
        say_what_was_erased(act, *erased, lines);
        outcome.parts.push_back({Part::Deletions, std::move(lines)});
    }
    // If we die before this: the destination has it; it is told again, and says so.
    return std::move(outcome).after(Acted{std::move(act)}).crash_point("pipeline.withdrawn");
}

}  // namespace consultd::steps
