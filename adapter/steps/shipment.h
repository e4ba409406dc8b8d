// shipment: what is sent to a destination, as it is fixed once, under a Consent that still allows
// it, and what the audit log is to say of it.
#pragma once

#include <string>

#include "adapter/stages/deliver/account.h"
#include "adapter/steps/step.h"

namespace consultd::steps {

// The order, if its Consent still allows what is about to be done.
Result<Order> permitted_order(const Context& context);

// What is sent, as it is fixed, and the account of it as it begins.
struct Shipment {
    std::string transaction;
    Account account;
};
Result<Shipment> shipment_of(const Context& context, const Order& order);

// As it is kept; Corrupt: there is none.
Result<Account> account_kept(const Context& context);

// What the intent says, of what is kept: the same for the same bytes.
Result<audit::Disclosure> disclosure_of(const Context& context);

}  // namespace consultd::steps
