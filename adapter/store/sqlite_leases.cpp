// Who works on which transfer: claims, leases, fences.
#include "adapter/store/sqlite_store.h"

namespace consultd {
namespace {

// What a worker does for it is to read from its source; what is to be withdrawn is not read.
constexpr std::string_view is_pulled =
    "(state IN ('requested', 'pulling') AND withdrawal_asked IS NULL)";

}  // namespace

Error SqliteStore::lease_is_lost(const Lease& lease) {
    return Error(ErrorKind::Conflict, "the lease on the transfer is lost")
        .with("fence", static_cast<std::int64_t>(lease.fence));
}

// There is one Owner, so whoever held a lease is dead. Where one of those transfers was suspect, or
// none was beside it, that one is charged with the death; else nobody knows which it was.
Status SqliteStore::bury_the_dead() {
    SqliteStatement leased = statement(
        "SELECT count(*), coalesce(sum(suspect), 0) FROM transfer WHERE lease_owner IS NOT NULL");
    TRY(leased.step());
    const std::int64_t all = leased.integer(), suspects = leased.integer();
    TRY(leased.run());
    if (suspects > 0)
        TRY(
            database_->execute("UPDATE transfer SET deaths = deaths + 1"
                               " WHERE lease_owner IS NOT NULL AND suspect = 1"));
    else if (all == 1)
        TRY(database_->execute(
            "UPDATE transfer SET deaths = deaths + 1 WHERE lease_owner IS NOT NULL"));
    return database_->execute(
        "UPDATE transfer SET suspect = 1, lease_owner = NULL WHERE lease_owner IS NOT NULL");
}

Status SqliteStore::may_claim() const {
    if (role_ == StoreRole::Owner) return {};
    return Error(ErrorKind::Unsupported, "a visitor of the state takes no leases");
}

Result<std::optional<Lease>> SqliteStore::take(SqliteStatement& update, Transaction& transaction) {
    TRY_ASSIGN(const bool row, update.step());
    if (!row) return std::optional<Lease>();
    TRY_ASSIGN(Lease lease, read_transfer(update));
    TRY(update.run());  // to its end, so that the transaction can be committed
    // If we die here: nobody has the lease. After the commit it is ours until it expires.
    TRY(transaction.commit());
    return std::optional(std::move(lease));
}

Result<SqliteStore::Barred> SqliteStore::barred(Instant now, const PullShares& shares) {
    Barred barred;
    SqliteStatement suspects = statement(
        "SELECT count(*) FROM transfer"
        " WHERE lease_owner IS NOT NULL AND lease_until > ? AND suspect = 1");
    TRY(suspects.bind(milliseconds(now)).step());
    if (suspects.integer() > 0) barred.condition = " AND suspect = 0";
    SqliteStatement pulls = statement(
        "SELECT source, count(*) FROM transfer"
        " WHERE lease_owner IS NOT NULL AND lease_until > ? AND " +
        std::string(is_pulled) + " GROUP BY source");
    pulls.bind(milliseconds(now));
    std::int64_t all = 0;
    for (;;) {
        TRY_ASSIGN(const bool row, pulls.step());
        if (!row) break;
        std::string source = pulls.text();
        const std::int64_t count = pulls.integer();
        all += count;
        if (count >= shares.of_one_source) barred.sources.push_back(std::move(source));
    }
    const std::string pulled(is_pulled);
    if (all >= shares.of_all) {
        barred.sources.clear();
        barred.condition += " AND NOT " + pulled;
    } else if (!barred.sources.empty()) {
        barred.condition +=
            " AND NOT (" + pulled + " AND source IN (" + placeholders(barred.sources.size()) + "))";
    }
    return barred;
}

Result<std::optional<Lease>> SqliteStore::claim(Instant now, Milliseconds span,
                                                const std::string& owner, const PullShares& shares,
                                                std::optional<Instant> due_by) {
    const std::lock_guard guard(mutex_);
    TRY(may_claim());
    Transaction transaction(*database_);
    TRY(transaction.begin());
    TRY_ASSIGN(const Barred not_now, barred(now, shares));
    SqliteStatement update = statement(
        "UPDATE transfer SET lease_owner = ?, lease_until = ?, fence = fence + 1"
        " WHERE sequence = (SELECT sequence FROM transfer WHERE runnable = 1 AND due <= ?"
        " AND (lease_owner IS NULL OR lease_until <= ?)" +
        not_now.condition + " ORDER BY due, sequence LIMIT 1) RETURNING " CONSULTD_COLUMNS);
    update.bind(owner).bind(milliseconds(now + span)).bind(milliseconds(due_by.value_or(now)));
    update.bind(milliseconds(now));
    for (const std::string& source : not_now.sources) update.bind(source);
    return take(update, transaction);
}

Result<std::optional<Lease>> SqliteStore::claim(const std::string& id, Instant now,
                                                Milliseconds span, const std::string& owner) {
    const std::lock_guard guard(mutex_);
    TRY(may_claim());
    Transaction transaction(*database_);
    TRY(transaction.begin());
    SqliteStatement update = statement(
        "UPDATE transfer SET lease_owner = ?, lease_until = ?, fence = fence + 1"
        " WHERE id = ? AND runnable = 1 AND (lease_owner IS NULL OR lease_until <= ?)"
        " RETURNING " CONSULTD_COLUMNS);
    update.bind(owner).bind(milliseconds(now + span)).bind(id);
    return take(update.bind(milliseconds(now)), transaction);
}

Result<std::optional<Instant>> SqliteStore::next_due() {
    const std::lock_guard guard(mutex_);
    SqliteStatement first = statement(
        "SELECT min(CASE WHEN lease_owner IS NULL THEN due ELSE max(due, lease_until) END)"
        " FROM transfer WHERE runnable = 1");
    TRY(first.step());
    const std::optional<std::int64_t> due = first.optional_integer();
    if (!due) return std::optional<Instant>();
    return std::optional(Instant(Milliseconds(*due)));
}

Status SqliteStore::bound_waits(Instant now) {
    const std::lock_guard guard(mutex_);
    Transaction transaction(*database_);
    TRY(transaction.begin());
    for (int value = 0; value <= static_cast<int>(TransferState::Failed); ++value) {
        const auto state = static_cast<TransferState>(value);
        if (!is_runnable(state)) continue;
        SqliteStatement update =
            statement("UPDATE transfer SET due = ?1 WHERE state = ?2 AND due > ?1");
        TRY(update.bind(milliseconds(now + longest_wait(state))).bind(name_of(state)).run());
    }
    // If we die here: they wait as they did, and the next start bounds it.
    return transaction.commit();
}

Result<Renewal> SqliteStore::renew(const Lease& lease, Instant now, Milliseconds span) {
    const std::lock_guard guard(mutex_);
    SqliteStatement read = statement("SELECT lease_until, " CONSULTD_COLUMNS
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
        SqliteStatement update = statement(
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
    SqliteStatement update = statement(
        "UPDATE transfer SET lease_owner = NULL, suspect = 0, deaths = 0"
        " WHERE id = ? AND fence = ? AND lease_owner IS NOT NULL");
    update.bind(lease.transfer.id);
    bind_count(update, lease.fence);
    return run_on_one(update, lease_is_lost(lease));
}

Status SqliteStore::end_lease(const std::string& id) {
    SqliteStatement fence = statement(
        "UPDATE transfer SET fence = fence + 1, suspect = 0, deaths = 0, lease_owner = NULL WHERE "
        "id = ?");
    return fence.bind(id).run();
}

}  // namespace consultd
