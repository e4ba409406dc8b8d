#include "adapter/steps/follow.h"

#include "adapter/stages/follow.h"

namespace consultd::steps {
namespace {

Outcome take_opinion(const Context& context, Transfer transfer, const Followed& seen) {
    std::vector<fhir::Json> output;
    for (const fhir::Resource& resource : seen.output) output.push_back(resource.json());
    for (const StaticText problem : seen.problems)
        context.log.error("opinion-not-taken",
                          {{"transfer", OwnId(transfer.id)}, {"problem", problem}});
    const bool is_whole = seen.problems.empty();
    if (!is_whole) set_reason(transfer, "opinion-incomplete", &context.destination());
    return to(is_whole ? TransferState::OpinionReceived : TransferState::Held, std::move(transfer))
        .with(Part::Opinion, fhir::Json::array(std::move(output)).print());
}

bool is_ended(const Followed& seen) {
    return seen.status == "rejected" || seen.status == "cancelled" || seen.status == "failed" ||
           seen.status == "entered-in-error";
}

}  // namespace

Result<Outcome> follow(const Context& context) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    const Instant now = context.clock.now();
    Transfer transfer = context.transfer;
    TRY_ASSIGN(const Followed seen,
               destination.heard(consultd::follow(*client, transfer.destination_task, transfer.id,
                                                  context.exchange())));
    transfer.remote_status = known_task_status(seen.status);
    transfer.attempts = 0;
    clear_reason(transfer);
    if (seen.status == "completed") return take_opinion(context, std::move(transfer), seen);
    if (is_ended(seen)) {
        set_reason(transfer, "destination-ended-it", &destination);
        return to(TransferState::Closed, std::move(transfer));
    }
    const config::Follow& settings = context.destination_config().follow;
    if (transfer.sent && now > *transfer.sent + settings.span) {
        set_reason(transfer, "opinion-overdue", &destination);
        return to(TransferState::Held, std::move(transfer));
    }
    transfer.due = now + settings.every;
    return to(TransferState::Delivered, std::move(transfer));
}

Result<Outcome> close(const Context& context) {
    return to(TransferState::Closed, context.transfer);
}

}  // namespace consultd::steps
