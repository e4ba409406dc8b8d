// scan: the one pass over a whole log, from the leaves up: what is computed from the entries is
// compared with every stored hash, their root with the signed checkpoint, and on the way with a
// tree head that was seen before. Each file is read once. Whoever needs the entries or the tree's
// right edge has them from this pass.
//
// The checkpoint names the files that belong to the log: its size gives each tile's name and
// length. Any other file below the folder (a superseded partial tile, tiles of a commit that never
// became durable) says nothing about the log and is not looked at, on purpose: after a crash such
// files are there in honest logs, and no reader of the checkpoint ever opens them.
// https://c2sp.org/tlog-tiles
#pragma once

#include "adapter/audit/audit_log.h"
#include "adapter/audit/durable_folder.h"
#include "adapter/audit/tiles.h"

namespace consultd::audit {

struct Scanned {
    Verification verification;
    // Only where it verifies:
    Checkpoint checkpoint;
    std::string note;
    RightEdge edge;
};

// False: stop here. May be empty.
using Visit = std::function<bool(std::uint64_t, std::string_view)>;

// A writer may be at work meanwhile. `visit` is shown each entry in order before the log is known
// to verify. Storage: a file cannot be read. A fault of the log itself is in the verification.
Result<Scanned> scan(const DurableFolder& folder, const std::string& origin,
                     const crypto::Key& public_key, const std::optional<Checkpoint>& seen,
                     const Visit& visit);

}  // namespace consultd::audit
