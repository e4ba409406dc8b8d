// What is known of a send: by the destination's answer, and by asking it. Only a read-back says
// that something is there, and only the answer to the transaction itself that nothing is.
#pragma once

#include "adapter/stages/deliver/deliver.h"
#include "adapter/steps/step.h"

namespace consultd::steps {

// After a lost answer the destination may still be at work on our request: nothing is sent again,
// or said not to be there, sooner than this, and not before it was asked (faults F82, F83).
inline constexpr Milliseconds settle_span = std::chrono::seconds(15);

// Asks the destination, before anything is sent again. Absent: nothing is there, and it had the
// time to finish what it may have been at.
Result<std::optional<Outcome>> confirm(const Context& context);

// After the transaction has left: `sent` is what came of it, `sent_before` when an earlier attempt
// left.
Result<Outcome> conclude(const Context& context, const Result<std::vector<RefusedEntry>>& sent,
                         std::optional<Instant> sent_before);

// It is there: the outcome for the log, and the receipt that the pipeline makes of it.
Outcome delivered(const Context& context, Transfer transfer, const ReadBack& there);

}  // namespace consultd::steps
