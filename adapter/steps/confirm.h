// What is known of a send, by what the destination answered and by asking it (evidence.h): only
// that says that all of it is there, that some of it is not, or that nothing is.
#pragma once

#include "adapter/stages/deliver/evidence.h"
#include "adapter/steps/step.h"

namespace consultd::steps {

// How long a request may still be at work at the destination, and its index behind: nothing is sent
// again, or said not to be there, sooner (faults F82, F83). By the configuration; else by what was
// measured there.
Milliseconds settle_span(const config::Deliver& settings, const Learnt& learnt, bool is_all_ours);

// Asks the destination, before anything is sent. Absent: what `account` has no place for is not
// there, the destination had its time, and it may be sent.
Result<std::optional<Outcome>> confirm(const Context& context, Account& account);

// Asked again later; held in the end. `error`: what came in the place of an answer.
Outcome unknown(const Context& context, Transfer transfer, const Error& error);
// What the destination did not take is not there, whatever else is: a person must look.
Outcome not_all_taken(const Context& context, Transfer transfer, const Account& account);

}  // namespace consultd::steps
