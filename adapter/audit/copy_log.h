// copy_log: a log as it stands, file by file, into another folder, while its writer goes on.
#pragma once

#include "adapter/audit/audit_log.h"

namespace consultd::audit {

// All of the log up to its newest checkpoint, verified on the way; the checkpoint comes last, so
// that a copy that was broken off is no log. `into` has no log yet. Storage: cannot be read or
// written. Corrupt: the log does not verify.
Result<Checkpoint> copy_log(const DurableFolder& from, DurableFolder into,
                            const std::string& origin, const crypto::Key& public_key);

}  // namespace consultd::audit
