// Who works on which transfer: claims, leases, fences.
#include "adapter/store/sqlite_store.h"

namespace consultd {

Error SqliteStore::lease_is_lost(const Lease& lease) {
    return Error(ErrorKind::Conflict, "the lease on the transfer is lost")
        .with("fence", static_cast<std::int64_t>(lease.fence));
}

Result<std::optional<Lease>> SqliteStore::take(Statement& update) {
    if (role_ != StoreRole::Owner)
        return Error(ErrorKind::Unsupported, "a visitor of the state takes no leases");
    Transaction transaction(*database_);
    TRY(transaction.begin());
    TRY_ASSIGN(const bool row, update.step());
    if (!row) return std::optional<Lease>();
    TRY_ASSIGN(Lease lease, read_transfer(update));
    TRY(update.run());  // to its end, so that the transaction can be committed
    // If we die here: nobody has the lease. After the commit it is ours until it expires.
    TRY(transaction.commit());
    return std::optional(std::move(lease));
}

Result<std::optional<Lease>> SqliteStore::claim(Instant now, Milliseconds span,
                                                const std::string& owner) {
    const std::lock_guard guard(mutex_);
    Statement update = statement(
        "UPDATE transfer SET lease_owner = ?, lease_until = ?, fence = fence + 1, claims = claims "
        "+ 1"
        " WHERE sequence = (SELECT sequence FROM transfer WHERE runnable = 1 AND due <= ?"
        " AND (lease_owner IS NULL OR lease_until <= ?) ORDER BY due, sequence LIMIT 1)"
        " RETURNING " CONSULTD_COLUMNS);
    update.bind(owner).bind(milliseconds(now + span)).bind(milliseconds(now));
    return take(update.bind(milliseconds(now)));
}

Result<std::optional<Lease>> SqliteStore::claim(const std::string& id, Instant now,
                                                Milliseconds span, const std::string& owner) {
    const std::lock_guard guard(mutex_);
    Statement update = statement(
        "UPDATE transfer SET lease_owner = ?, lease_until = ?, fence = fence + 1, claims = claims "
        "+ 1"
        " WHERE id = ? AND runnable = 1 AND (lease_owner IS NULL OR lease_until <= ?)"
        " RETURNING " CONSULTD_COLUMNS);
    update.bind(owner).bind(milliseconds(now + span)).bind(id);
    return take(update.bind(milliseconds(now)));
}

Result<std::optional<Instant>> SqliteStore::next_due() {
    const std::lock_guard guard(mutex_);
    Statement first = statement(
        "SELECT min(CASE WHEN lease_owner IS NULL THEN due ELSE max(due, lease_until) END)"
        " FROM transfer WHERE runnable = 1");
    TRY(first.step());
    const std::optional<std::int64_t> due = first.optional_integer();
    if (!due) return std::optional<Instant>();
    return std::optional(Instant(Milliseconds(*due)));
}

Result<Renewal> SqliteStore::renew(const Lease& lease, Instant now, Milliseconds span) {
    const std::lock_guard guard(mutex_);
    Statement read = statement("SELECT lease_until, " CONSULTD_COLUMNS
                               " FROM transfer"
                               " WHERE id = ? AND fence = ? AND lease_owner IS NOT NULL");
    read.bind(lease.transfer.id);
    bind_count(read, lease.fence);
    TRY_ASSIGN(const bool held, read.step());
    if (!held) return lease_is_lost(lease);
    const Instant until{Milliseconds(read.integer())};
    TRY_ASSIGN(const Lease stored, read_transfer(read));
    TRY(read.run());
    if (until - now < span - span / 4) {
        Statement update = statement(
            "UPDATE transfer SET lease_until = ?"
            " WHERE id = ? AND fence = ? AND lease_owner IS NOT NULL");
        update.bind(milliseconds(now + span)).bind(lease.transfer.id);
        bind_count(update, lease.fence);
        TRY(run_on_one(update, lease_is_lost(lease)));
    }
    return must_be_withdrawn(stored.transfer) ? Renewal::MustBeWithdrawn : Renewal::Renewed;
}

Status SqliteStore::release(const Lease& lease) {
    const std::lock_guard guard(mutex_);
    Statement update = statement(
        "UPDATE transfer SET lease_owner = NULL, claims = 0"
        " WHERE id = ? AND fence = ? AND lease_owner IS NOT NULL");
    update.bind(lease.transfer.id);
    bind_count(update, lease.fence);
    return run_on_one(update, lease_is_lost(lease));
}

Status SqliteStore::end_lease(const std::string& id) {
    Statement fence = statement(
        "UPDATE transfer SET fence = fence + 1, claims = 0, lease_owner = NULL WHERE id = ?");
    return fence.bind(id).run();
}

}  // namespace consultd
