// How long a record is kept: `state.keepRecords` after a transfer has ended or stands still. Then
// its parts are wiped from the state; the receipt and the counts stay (promise 8).
#pragma once

#include "adapter/sealed_parts.h"
#include "config/config.h"

namespace consultd::commands {

// Returns how many transfers lost parts. What is held with nothing sent has failed by this, reason
// `record-expired`; where bytes may have left, it stays held, and a `retry` still asks the
// destination. Busy: somebody reads the old pages; they are wiped by the next call.
// What came back is wiped that long after it was read, and not before somebody read it.
Result<std::uint64_t> forget_old_records(Store& store, const config::Config& config,
                                         const crypto::Sealer& sealer, Instant now);
// Whoever gives an opinion away says so here.
Status remember_reading(Store& store, const crypto::Sealer& sealer, const std::string& transfer_id,
                        Instant now);

}  // namespace consultd::commands
