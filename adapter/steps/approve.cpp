#include "adapter/steps/approve.h"

#include "adapter/approval.h"
#include "adapter/steps/dispatch.h"
#include "fhir/client/smart_standalone.h"

namespace consultd::steps {
namespace {

Result<bool> is_approved(const Context& context) {
    TRY_ASSIGN(const bool has_approval, context.parts.has(Part::Approval));
    if (!has_approval) return false;
    TRY_ASSIGN(std::string text, context.parts.open(Part::Approval));
    TRY_ASSIGN(const PatientAct approval, patient_act(std::move(text)));
    TRY_ASSIGN(const std::string bundle, context.parts.open(Part::Bundle));
    TRY_ASSIGN(const std::string html, context.parts.open(Part::Packet));
    return approval.packet == packet_digest(bundle, html, context.destination_config());
}

// What is kept of the sign-in; empty: nothing is, or it was ended.
Result<std::string> kept_access(const Context& context) {
    TRY_ASSIGN(const bool has_access, context.parts.has(Part::Access));
    if (!has_access) return std::string();
    return context.parts.open(Part::Access);
}

// The hospital is told where it takes that; where it cannot be, the tokens are forgotten all the
// same, and end there by themselves.
void end_grant(const Context& context, std::string access) {
    const auto tokens = fhir::patient_tokens(std::move(access));
    const fhir::Call call = context.exchange();
    const auto sign_in = context.source().sign_in(call);
    if (!tokens || !sign_in) return;
    if (const Status ended = sign_in->revoke(*tokens, call.deadline, call.stop); !ended)
        context.tell("sign-in-not-ended", ended.error());
}

}  // namespace

Result<bool> is_chosen(const Context& context, const Order& order) {
    if (!order.waits_for_patient) return true;
    return context.parts.has(Part::Choice);
}

Result<Outcome> when_approved(const Context& context) {
    TRY_ASSIGN(const Order order, order_of(context));
    if (!order.waits_for_patient) return make_ready(context);
    TRY_ASSIGN(const bool approved, is_approved(context));
    if (!approved) {
        Transfer transfer = context.transfer;
        set_reason(transfer, "approval");
        return to(TransferState::Held, std::move(transfer));
    }
    TRY_ASSIGN(std::string access, kept_access(context));
    if (access.empty()) return make_ready(context);
    end_grant(context, std::move(access));
    return to(TransferState::Prepared, context.transfer).with(Part::Access, "").then(make_ready);
}

}  // namespace consultd::steps
