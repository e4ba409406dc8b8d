// The steps after a delivery: the Task there is looked at until its opinion is here, or nobody
// waits for one any more.
#pragma once

#include "adapter/steps/step.h"

namespace consultd::steps {

Result<Outcome> follow(const Context& context);  // Delivered
Result<Outcome> close(const Context& context);   // OpinionReceived: nobody is asked any more

}  // namespace consultd::steps
