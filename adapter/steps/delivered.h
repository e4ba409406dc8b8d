// What is told of a delivery when all of it is there: how that is known, and which way it went. The
// same in the audit log and so in the receipt, in the ledger, and in `status`.
#pragma once

#include "adapter/stages/deliver/evidence.h"
#include "adapter/steps/step.h"

namespace consultd::steps {

// As the log tells it. `doubled`: what lies there once more.
audit::Details evidence_of(const Account& account, const std::vector<std::string>& doubled);

// It is there: the outcome for the log with its evidence, the receipt that the pipeline makes of
// it, and the last line of the ledger. What is kept of the ledger and cannot be opened is an error.
Result<Outcome> delivered(const Context& context, Transfer transfer, const ReadBack& there,
                          const audit::Details& evidence);

}  // namespace consultd::steps
