// What the audit log knows of the same order, given as another transfer: by an older database, a
// lost one, or one that named the patient in another way. The destination is asked for it, and
// nothing goes a second time unless somebody says so.
#pragma once

#include "adapter/steps/step.h"

namespace consultd::steps {

struct SentBefore {
    std::optional<Outcome> outcome;  // absent: nothing stands in the way
    SameOrder same;                  // for the intent: of what was looked at, nothing is there
};
// `patient`: the pseudonym by the patient's id. Asks nothing of the patient.
Result<SentBefore> sent_before(const Context& context, const Order& order,
                               const std::string& patient);

}  // namespace consultd::steps
