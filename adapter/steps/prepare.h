// The steps from an order to a packet. Nothing leaves here: the source is asked, the record is
// prepared.
#pragma once

#include "adapter/prepare.h"
#include "adapter/steps/step.h"

namespace consultd::steps {

// Requested, Pulling: who the patient is, whether the Consent lets us ask; then the pull; then the
// packet, which is durable as a whole with the state Prepared.
Result<Outcome> begin_pull(const Context& context);

// The record as a dry run needs it: pulled and prepared, and nothing of it returned to be written.
Result<Prepared> rehearse(const Context& context, Order order);

}  // namespace consultd::steps
