// acts: what a person does to a transfer, as it goes into the audit log: with who it was, from the
// hands of the store, which takes it in the commit of what was done.
#pragma once

#include "adapter/audit/act.h"
#include "adapter/store/store.h"
#include "config/config.h"
#include "fhir/base/random.h"

namespace consultd {

audit::Act act_by(const Actor& who, audit::Act::What what, const Transfer& transfer,
                  const config::Config& config, Instant now);
// For Store::create(), ask_withdrawal(), change().
AskedEntry entry_of(const audit::Act& act, Random& random);

}  // namespace consultd
