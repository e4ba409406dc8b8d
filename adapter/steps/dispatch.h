// The steps that bring a packet to its destination: what is sent is fixed, then the intent, the
// state Sending, the time of sending, and only then the first byte.
#pragma once

#include "adapter/steps/step.h"

namespace consultd::steps {

// Prepared: the Consent again, the patient there, the bytes to be sent; then the intent.
Result<Outcome> make_ready(const Context& context);

// Sending, Uncertain: the destination is asked first, each time, the first time too (confirm.h).
// The Consent once more, at the last moment; then what is not there yet, in one request or in
// several (stages/deliver/ways.h), each answer kept before the next one leaves.
Result<Outcome> send(const Context& context);

}  // namespace consultd::steps
