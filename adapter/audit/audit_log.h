// AuditLog: an append-only log of AuditEvents as files: RFC 6962 tree, c2sp.org/tlog-tiles, signed
// checkpoints. One writer holds it by an exclusive lock. An entry is in the log when the checkpoint
// that counts it has been renamed into place; files past the checkpoint are leftovers of a crash.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/audit/checkpoint.h"
#include "adapter/audit/durable_folder.h"
#include "fhir/base/clock.h"

namespace consultd::audit {

// What a reader with the folder and the public key alone can establish.
struct Verification {
    std::uint64_t size = 0;
    std::string root_hex;
    std::optional<std::uint64_t> bad_entry;  // the first entry that does not verify
    std::string where;                       // file below the folder, "" when all is well
    StaticText problem = "";
    bool ok() const { return where.empty(); }
};

// An entry with what proves that it is in the tree of one checkpoint.
struct Included {
    std::string entry;
    std::vector<Hash> proof;
    std::string checkpoint;
};

// What the one pass that opens a log does besides.
struct Opening {
    // A tree head that the log has had: it must be one of the log's still, and a log that is gone
    // is not begun anew.
    std::optional<Checkpoint> seen;
    // Shown each entry in order, before the log is known to verify: what comes of it counts only
    // where the log is opened.
    std::function<void(std::uint64_t, std::string_view)> visit;
};

class AuditLog {
public:
    // Opens or begins the log in `folder` (made 0700). Reads back and verifies all of it, once.
    // Busy: another process writes it. Corrupt: it does not verify. Storage: cannot write here.
    static Result<std::unique_ptr<AuditLog>> open(const std::string& folder,
                                                  const std::string& origin, const crypto::Key& key,
                                                  const Opening& opening = {});
    // The same in a folder that is there, wherever its files lie.
    static Result<std::unique_ptr<AuditLog>> open(DurableFolder folder, const std::string& origin,
                                                  const crypto::Key& key,
                                                  const Opening& opening = {});
    ~AuditLog();

    // Durable when it returns: the entry's index. Concurrent calls share one commit. TooLarge: over
    // 65,535 bytes. Storage: a failed write or fsync is final; every later call fails too.
    Result<std::uint64_t> append(std::string_view entry);

    std::uint64_t size() const;
    std::string checkpoint() const;  // the newest signed note
    // Read back and verified against the newest checkpoint. NotFound: no such entry. Corrupt: it is
    // not what was signed.
    Result<Included> included(std::uint64_t index) const;
    Result<std::string> entry(std::uint64_t index) const;
    // Inclusion of `index` in the tree of the newest checkpoint.
    Result<std::vector<Hash>> prove(std::uint64_t index) const;

    // For crash tests: called with the name of each point between durable writes.
    static void set_crash_point_hook(std::function<void(std::string_view)> hook);

private:
    struct State;
    explicit AuditLog(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Reads and checks the whole log without writing or locking: every tile, entry, hash, the
// signature; and that a tree head seen before is one that this log has had.
Result<Verification> verify_log(const std::string& folder, const std::string& origin,
                                const crypto::Key& public_key,
                                const std::optional<Checkpoint>& seen = {});
Result<Verification> verify_log(const DurableFolder& folder, const std::string& origin,
                                const crypto::Key& public_key,
                                const std::optional<Checkpoint>& seen = {});
// Calls `visit` for each entry in order of a log that verifies, and goes on from what was seen of
// it before; stops when it returns false.
Status read_log(const std::string& folder, const std::string& origin, const crypto::Key& public_key,
                const std::function<bool(std::uint64_t, std::string_view)>& visit,
                const std::optional<Checkpoint>& seen = {});
Status read_log(const DurableFolder& folder, const std::string& origin,
                const crypto::Key& public_key,
                const std::function<bool(std::uint64_t, std::string_view)>& visit,
                const std::optional<Checkpoint>& seen = {});

}  // namespace consultd::audit
