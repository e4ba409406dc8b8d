// The steps that look at the Task at the destination: until there is an opinion, and then for later
// and amended ones, as long as `follow.for` says.
#pragma once

#include "adapter/steps/step.h"

namespace consultd::steps {

// Delivered: what came back is kept sealed; completed without any of it is for a person.
Result<Outcome> follow(const Context& context);
// OpinionReceived: one that says something else is one more version.
Result<Outcome> follow_on(const Context& context);

}  // namespace consultd::steps
