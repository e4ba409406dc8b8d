// The steps that bring a wish to withdraw to a destination that has the record, or parts of it.
#pragma once

#include "adapter/stages/deliver/account.h"
#include "adapter/steps/step.h"

namespace consultd::steps {

// Delivered, OpinionReceived: withdrawn once the destination has it, with a receipt of its answer;
// until then the wish stands, and it is told again.
Result<Outcome> withdraw(const Context& context);

// Some of it is there: the log has that already. The Task is cancelled, or a Communication asks the
// destination to remove it, and what may be deleted is; then it is withdrawn, with a receipt. Held:
// it takes neither, and something is left there.
Result<Outcome> withdraw_parts(const Context& context, const Account& account);
// What of it is there, each at its place, as the log tells it; a chart that was there before is
// nobody's part.
audit::Details parts_there(const Account& account);

}  // namespace consultd::steps
