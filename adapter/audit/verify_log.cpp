// verify_log, read_log: for readers that have the folder and the public key alone.
#include "adapter/audit/audit_log.h"
#include "adapter/audit/scan.h"

namespace consultd::audit {

Result<Verification> verify_log(const DurableFolder& folder, const std::string& origin,
                                const crypto::Key& public_key,
                                const std::optional<Checkpoint>& seen) {
    TRY_ASSIGN(Scanned scanned, scan(folder, origin, public_key, seen, {}));
    return std::move(scanned.verification);
}

Result<Verification> verify_log(const std::string& folder, const std::string& origin,
                                const crypto::Key& public_key,
                                const std::optional<Checkpoint>& seen) {
    TRY_ASSIGN(const DurableFolder files, DurableFolder::open(folder));
    return verify_log(files, origin, public_key, seen);
}

Status read_log(const std::string& folder, const std::string& origin, const crypto::Key& public_key,
                const std::function<bool(std::uint64_t, std::string_view)>& visit,
                const std::optional<Checkpoint>& seen) {
    TRY_ASSIGN(const DurableFolder files, DurableFolder::open(folder));
    return read_log(files, origin, public_key, visit, seen);
}

Status read_log(const DurableFolder& files, const std::string& origin,
                const crypto::Key& public_key,
                const std::function<bool(std::uint64_t, std::string_view)>& visit,
                const std::optional<Checkpoint>& seen) {
    // Once without showing anything, so that nobody is shown an entry that was not signed; and once
    // more with what is shown, should a file change in between.
    TRY_ASSIGN(Scanned scanned, scan(files, origin, public_key, seen, {}));
    std::uint64_t next = 0;
    const Visit each_once = [&](std::uint64_t index, std::string_view entry) {
        if (index < next) return true;
        next = index + 1;
        return visit(index, entry);
    };
    if (scanned.verification.ok()) {
        TRY_ASSIGN(scanned, scan(files, origin, public_key, {}, each_once));
    }
    const Verification& verified = scanned.verification;
    if (verified.ok()) return {};
    Error error(ErrorKind::Corrupt, seen && !verified.bad_entry
                                        ? StaticText("the audit log does not verify, or is not the "
                                                     "one that was seen before")
                                        : StaticText("the audit log does not verify"));
    if (!verified.bad_entry) return error;
    return std::move(error).with("entry", static_cast<std::int64_t>(*verified.bad_entry));
}

}  // namespace consultd::audit
