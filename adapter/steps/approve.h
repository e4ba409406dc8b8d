// The step that lets a packet go only as its patient saw it, where the transfer waits for them.
#pragma once

#include "adapter/steps/step.h"

namespace consultd::steps {

// Whether the patient has said what may be shared, or nobody waits for that.
Result<bool> is_chosen(const Context& context, const Order& order);

// Prepared: on to make_ready() where nobody waits for the patient, or where they approved these
// very bytes; then the sign-in at the source is ended first, for nothing more is read. Else held,
// reason `approval`: nothing leaves, and not even the destination is asked for the patient.
Result<Outcome> when_approved(const Context& context);

}  // namespace consultd::steps
