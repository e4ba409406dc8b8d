#include "adapter/steps/withdraw.h"

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
    transfer.due = context.clock.now() + std::min(wait, context.destination_config().follow.every);
    return {.transfer = std::move(transfer)};
}

}  // namespace

Result<Outcome> withdraw(const Context& context) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    Transfer transfer = context.transfer;
    const Result<WithdrawnThere> told = destination.heard(withdraw_there(
        *client, transfer.destination_task, transfer.id, context.clock.now(), context.exchange()));
    if (!told && told.error().kind() == ErrorKind::Cancelled) return told.error();
    if (!told) return not_yet(context, told.error());
    audit::Act act = act_of(context, audit::Act::What::Withdrawal);
    act.outcome = word_of(told->way);
    act.details = {{"destination-task", transfer.destination_task},
                   {"answered-at", told->where},
                   {"asked", format_instant(*transfer.withdrawal_asked)}};
    set_reason(transfer, "cancelled");
    // If we die before this: the destination has it; it is told again, and says so.
    return to(TransferState::Withdrawn, std::move(transfer))
        .after(Acted{std::move(act)})
        .crash_point("pipeline.withdrawn");
}

}  // namespace consultd::steps
