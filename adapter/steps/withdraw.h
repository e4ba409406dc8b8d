// The step that brings a wish to withdraw to a destination that has the record.
#pragma once

#include "adapter/steps/step.h"

namespace consultd::steps {

// Delivered, OpinionReceived: withdrawn once the destination has it, with a receipt of its answer;
// until then the wish stands, and it is told again.
Result<Outcome> withdraw(const Context& context);

}  // namespace consultd::steps
