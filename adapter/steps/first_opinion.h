// first_opinion: where the patient chose that the consultant is to read the first team's
// conclusions only after writing their own. The record goes as two packets, each with its place in
// the log: the first without them, the second, whole, made of the same record at the same time and
// kept sealed, follows by itself once the opinion is filed.
#pragma once

#include "adapter/prepare.h"
#include "adapter/steps/step.h"

namespace consultd::steps {

// The second packet, as it is kept beside the first one's parts; empty where nothing was held back.
// Errors as of prepare().
Result<std::string> held_back_of(const Context& context, const Order& order, Record record,
                                 const Ledger& first);
// Its SHA-256 in hex, of its document as it will be sent: what the intent of the first one says.
// Empty: there is none.
Result<std::string> held_back_hash(const Context& context);

// The opinion is filed: the outcome, with the transfer of the second packet, where there is one
// that is not on its way. Corrupt: what is kept cannot be read.
Result<Outcome> with_release(const Context& context, Outcome outcome);

// Denied: this is a second packet, and the patient wants the first one back.
Status check_not_asked_back(const Context& context, const Order& order);

}  // namespace consultd::steps
