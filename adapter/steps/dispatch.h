// The steps that bring a packet to its destination: the transaction's bytes, the intent, the state
// Sending, the time of sending, and only then the first byte.
#pragma once

#include "adapter/steps/step.h"

namespace consultd::steps {

// Prepared: the Consent again, the patient there, the bytes to be sent; then the intent.
Result<Outcome> make_ready(const Context& context);

// Sending, Uncertain: where bytes may have left, the destination is asked first (confirm.h). The
// Consent once more, at the last moment; then the bytes, once.
Result<Outcome> send(const Context& context);

}  // namespace consultd::steps
