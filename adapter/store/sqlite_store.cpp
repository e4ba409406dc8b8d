#include "adapter/store/sqlite_store.h"

#include "adapter/store/sqlite_schema.h"

namespace consultd {
Status SqliteStore::prepare() {
    Transaction transaction(*database_);
    TRY(transaction.begin());
    TRY(make_schema(*database_));
    if (role_ == StoreRole::Owner) TRY(bury_the_dead());
    // If we die here: the file is as it was. From the commit on it is ours.
    return transaction.commit();
}

Status SqliteStore::write_parts(const std::string& id, const std::vector<SealedPart>& parts) {
    for (const SealedPart& sealed : parts) {
        SqliteStatement write = statement(
            "INSERT INTO part(id, name, bytes) VALUES(?, ?, ?)"
            " ON CONFLICT(id, name) DO UPDATE SET bytes = excluded.bytes");
        write.bind(id).bind(name_of(sealed.part)).bind_bytes(sealed.bytes);
        TRY(write.run());
    }
    return {};
}

Status SqliteStore::run_on_one(SqliteStatement& statement, const Error& otherwise) {
    Transaction transaction(*database_);
    TRY(transaction.begin());
    TRY(statement.run());
    if (database_->changes() != 1) return otherwise;
    // If we die here: nothing of it is there. From the commit on all of it is.
    return transaction.commit();
}

Result<std::optional<Transfer>> SqliteStore::create(const Transfer& transfer,
                                                    const std::vector<SealedPart>& parts,
                                                    const Earlier& earlier,
                                                    const std::optional<AskedEntry>& act) {
    const std::lock_guard guard(mutex_);
    Transaction transaction(*database_);
    TRY(transaction.begin());  // from here on no other process creates one
    TRY_ASSIGN(std::optional<Transfer> known, find_earlier(transfer, earlier));
    if (known) return known;
    SqliteStatement insert =
        statement("INSERT INTO transfer(" CONSULTD_ORDER ", " CONSULTD_FACTS ") VALUES(" +
                  placeholders(29) + ")");
    bind_order(insert, transfer);
    bind_facts(insert, transfer);
    TRY(insert.run());
    for (const std::string& key : earlier.identifiers) {
        SqliteStatement name = statement("INSERT INTO order_identifier(key, id) VALUES(?, ?)");
        TRY(name.bind(key).bind(transfer.id).run());
    }
    TRY(write_parts(transfer.id, parts));
    TRY(write_act(act));
    // If we die here: there is no such transfer, and whoever asked for it was told nothing.
    TRY(transaction.commit());
    return std::optional<Transfer>();
}

Result<std::optional<Transfer>> SqliteStore::find(const std::string& id) {
    const std::lock_guard guard(mutex_);
    return find_row(id);
}

Result<std::optional<Transfer>> SqliteStore::find_row(const std::string& id) {
    SqliteStatement select = statement("SELECT " CONSULTD_COLUMNS " FROM transfer WHERE id = ?");
    TRY_ASSIGN(const bool row, select.bind(id).step());
    if (!row) return std::optional<Transfer>();
    TRY_ASSIGN(Lease found, read_transfer(select));
    return std::optional(std::move(found.transfer));
}

Result<std::vector<Transfer>> SqliteStore::list(const StoreFilter& filter) {
    const std::lock_guard guard(mutex_);
    std::int64_t after = 0;
    if (!filter.after.empty()) {
        SqliteStatement place = statement("SELECT sequence FROM transfer WHERE id = ?");
        TRY_ASSIGN(const bool row, place.bind(filter.after).step());
        if (!row) return Error(ErrorKind::NotFound, "there is no transfer to go on from");
        after = place.integer();
    }
    std::string sql = "SELECT " CONSULTD_COLUMNS " FROM transfer WHERE sequence > ?";
    if (!filter.states.empty()) sql += " AND state IN (" + placeholders(filter.states.size()) + ")";
    const auto& patients = filter.patient_pseudonyms;
    if (!patients.empty())
        sql += " AND patient_pseudonym IN (" + placeholders(patients.size()) + ")";
    if (!filter.asked_by.is_nobody()) sql += " AND asked_by = ?";
    SqliteStatement select = statement(sql + " ORDER BY sequence LIMIT ?");
    select.bind(after);
    for (const TransferState state : filter.states) select.bind(name_of(state));
    for (const std::string& patient : patients) select.bind(patient);
    if (!filter.asked_by.is_nobody()) select.bind(filter.asked_by.text());
    bind_count(select, filter.count_max);
    std::vector<Transfer> transfers;
    for (;;) {
        TRY_ASSIGN(const bool row, select.step());
        if (!row) return transfers;
        TRY_ASSIGN(Lease found, read_transfer(select));
        transfers.push_back(std::move(found.transfer));
    }
}

Result<std::map<TransferState, std::uint64_t>> SqliteStore::count_by_state() {
    const std::lock_guard guard(mutex_);
    SqliteStatement select = statement("SELECT state, count(*) FROM transfer GROUP BY state");
    std::map<TransferState, std::uint64_t> counts;
    for (;;) {
        TRY_ASSIGN(const bool row, select.step());
        if (!row) return counts;
        const auto state = transfer_state(select.text());
        if (!state) return Error(ErrorKind::Corrupt, "the state database has an unknown state");
        counts[*state] = static_cast<std::uint64_t>(select.integer());
    }
}

Result<std::optional<std::string>> SqliteStore::part(const std::string& id, Part part) {
    const std::lock_guard guard(mutex_);
    SqliteStatement select = statement("SELECT bytes FROM part WHERE id = ? AND name = ?");
    TRY_ASSIGN(const bool row, select.bind(id).bind(name_of(part)).step());
    if (!row) return std::optional<std::string>();
    return std::optional(select.text());
}

// https://www.sqlite.org/pragma.html#pragma_data_version
Result<bool> SqliteStore::changed_elsewhere() {
    const std::lock_guard guard(mutex_);
    SqliteStatement read = statement("PRAGMA data_version");
    TRY(read.step());
    const std::int64_t version = read.integer();
    return std::exchange(seen_version_, version) != version;
}

Status SqliteStore::save(const Lease& lease, const Transfer& transfer,
                         const std::vector<SealedPart>& parts) {
    const std::lock_guard guard(mutex_);
    Transaction transaction(*database_);
    TRY(transaction.begin());
    SqliteStatement read =
        statement("SELECT " CONSULTD_COLUMNS
                  " FROM transfer WHERE id = ? AND fence = ? AND lease_owner IS NOT NULL");
    read.bind(lease.transfer.id);
    bind_count(read, lease.fence);
    TRY_ASSIGN(const bool held, read.step());
    if (!held) return lease_is_lost(lease);
    TRY_ASSIGN(const Lease stored, read_transfer(read));
    TRY(read.run());
    if (is_against_wish(stored.transfer, transfer))
        return Error(ErrorKind::Conflict, "the withdrawal of the transfer was asked for")
            .with("withdrawal", 1);
    if (const Status may = may_replace(stored.transfer, transfer); !may.ok())
        return Error(may.error()).with("fence", static_cast<std::int64_t>(lease.fence));
    TRY(update_facts(transfer));
    TRY(write_parts(transfer.id, parts));
    // If we die here: the transfer is as it was before, with the parts it had.
    return transaction.commit();
}

Status SqliteStore::update_facts(const Transfer& transfer) {
    SqliteStatement update = statement("UPDATE transfer SET (" CONSULTD_FACTS ") = (" +
                                       placeholders(21) + ") WHERE id = ?");
    bind_facts(update, transfer);
    return update.bind(transfer.id).run();
}

Result<std::optional<Transfer>> SqliteStore::ask_withdrawal(const std::string& id, Instant now,
                                                            const std::optional<AskedEntry>& act) {
    const std::lock_guard guard(mutex_);
    Transaction transaction(*database_);
    TRY(transaction.begin());
    SqliteStatement read = statement("SELECT " CONSULTD_COLUMNS
                                     ", lease_owner IS NOT NULL AND lease_until > ?"
                                     " FROM transfer WHERE id = ?");
    TRY_ASSIGN(const bool row, read.bind(milliseconds(now)).bind(id).step());
    if (!row) return std::optional<Transfer>();
    TRY_ASSIGN(const Lease stored, read_transfer(read));
    const Worked worked = read.integer() != 0 ? Worked::BySomebody : Worked::ByNobody;
    TRY(read.run());
    const Transfer next = cancelled(stored.transfer, worked, now);
    if (next.withdrawal_asked) {
        SqliteStatement wish =
            statement("UPDATE transfer SET withdrawal_asked = ?, due = ? WHERE id = ?");
        wish.bind(milliseconds(*next.withdrawal_asked)).bind(milliseconds(next.due));
        TRY(wish.bind(id).run());
    }
    if (worked == Worked::ByNobody && next.withdrawal_asked) TRY(update_facts(next));
    if (next.state != stored.transfer.state) {
        TRY(end_lease(id));
        SqliteStatement remove = statement("DELETE FROM answer WHERE id = ?");
        TRY(remove.bind(id).run());
    }
    TRY(write_act(act));
    // If we die here: nobody was told that it is withdrawn. After the commit nothing leaves any
    // more, whoever works on it.
    TRY(transaction.commit());
    return std::optional(next);
}

Status SqliteStore::change(TransferState expected, const Transfer& transfer,
                           const std::vector<SealedPart>& parts,
                           const std::optional<AskedEntry>& act) {
    const std::lock_guard guard(mutex_);
    Transaction transaction(*database_);
    TRY(transaction.begin());
    SqliteStatement read = statement("SELECT " CONSULTD_COLUMNS
                                     " FROM transfer WHERE id = ? AND state = ?"
                                     " AND (lease_owner IS NULL OR lease_until <= ?)");
    read.bind(transfer.id).bind(name_of(expected)).bind(milliseconds(transfer.updated));
    TRY_ASSIGN(const bool free, read.step());
    if (!free)
        return Error(ErrorKind::Conflict,
                     "the transfer is being worked on, or is in another state");
    TRY_ASSIGN(const Lease stored, read_transfer(read));
    TRY(read.run());
    TRY(may_replace(stored.transfer, transfer));
    if (has_gone_on(stored.transfer, transfer))
        return Error(ErrorKind::Conflict, "the transfer has gone on since it was looked at");
    TRY(update_facts(transfer));
    TRY(write_parts(transfer.id, parts));
    TRY(end_lease(transfer.id));
    TRY(write_act(act));
    // If we die here: the transfer is as it was, and the person was told nothing.
    return transaction.commit();
}

Status SqliteStore::keep_part(const std::string& id, const SealedPart& part) {
    const std::lock_guard guard(mutex_);
    Transaction transaction(*database_);
    TRY(transaction.begin());
    TRY(write_parts(id, {part}));
    return transaction.commit();
}

Result<std::uint64_t> SqliteStore::forget(Instant before, const std::vector<Part>& parts) {
    const std::lock_guard guard(mutex_);
    std::vector<TransferState> ends{TransferState::Held};
    for (auto value = static_cast<int>(TransferState::Requested);
         value <= static_cast<int>(TransferState::Failed); ++value)
        if (is_terminal(static_cast<TransferState>(value)))
            ends.push_back(static_cast<TransferState>(value));
    const std::string over = " id IN (SELECT id FROM transfer WHERE updated < ? AND state IN (" +
                             placeholders(ends.size()) + "))";
    const std::string where =
        " FROM part WHERE name IN (" + placeholders(parts.size()) + ") AND" + over;
    const auto bind_over = [&](SqliteStatement& statement) {
        statement.bind(milliseconds(before));
        for (const TransferState state : ends) statement.bind(name_of(state));
    };
    const auto bind_all = [&](SqliteStatement& statement) {
        for (const Part part : parts) statement.bind(name_of(part));
        bind_over(statement);
    };
    Transaction transaction(*database_);
    TRY(transaction.begin());
    std::uint64_t transfers = 0;
    {
        SqliteStatement count = statement("SELECT count(DISTINCT id)" + where);
        bind_all(count);
        TRY(count.step());
        transfers = static_cast<std::uint64_t>(count.integer());
    }
    SqliteStatement remove = statement("DELETE" + where);
    bind_all(remove);
    TRY(remove.run());
    SqliteStatement remove_answers = statement("DELETE FROM answer WHERE" + over);
    bind_over(remove_answers);
    TRY(remove_answers.run());
    // If we die here: nothing is forgotten yet, and the next call does it.
    TRY(transaction.commit());
    // If we die here: the parts are gone from the tables, and old pages may hold them until the
    // next call, or the next orderly end, empties the write-ahead log. So it is emptied on every
    // call.
    TRY(database_->checkpoint_and_truncate());
    return transfers;
}

Status SqliteStore::forget(const std::string& id, const std::vector<Part>& parts) {
    const std::lock_guard guard(mutex_);
    Transaction transaction(*database_);
    TRY(transaction.begin());
    SqliteStatement remove =
        statement("DELETE FROM part WHERE id = ? AND name IN (" + placeholders(parts.size()) + ")");
    remove.bind(id);
    for (const Part part : parts) remove.bind(name_of(part));
    TRY(remove.run());
    // If we die here: nothing is forgotten yet, and the next call does it.
    TRY(transaction.commit());
    return database_->checkpoint_and_truncate();
}

Status SqliteStore::write_note(std::string_view name, const std::string& text) {
    const std::lock_guard guard(mutex_);
    SqliteStatement write = statement(
        "INSERT INTO note(name, text) VALUES(?, ?)"
        " ON CONFLICT(name) DO UPDATE SET text = excluded.text");
    write.bind(name).bind(text);
    return run_on_one(write, Error(ErrorKind::Storage, "a note of the state was not kept"));
}

Result<std::optional<std::string>> SqliteStore::read_note(std::string_view name) {
    const std::lock_guard guard(mutex_);
    SqliteStatement select = statement("SELECT text FROM note WHERE name = ?");
    select.bind(name);
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return std::optional<std::string>();
    return std::optional(select.text());
}

// Notes of that name, in the order in which they were asked for.
constexpr std::string_view to_log = "to-log/";

// In the transaction that is open.
Status SqliteStore::write_act(const std::optional<AskedEntry>& act) {
    if (!act) return {};
    SqliteStatement write = statement("INSERT INTO note(name, text) VALUES(?, ?)");
    write.bind(std::string(to_log) + act->id).bind(act->event);
    return write.run();
}

Status SqliteStore::ask_to_log(const AskedEntry& entry) {
    return write_note(std::string(to_log) + entry.id, entry.event);
}

Result<std::vector<AskedEntry>> SqliteStore::asked_to_log() {
    const std::lock_guard guard(mutex_);
    SqliteStatement select =
        statement("SELECT name, text FROM note WHERE name GLOB 'to-log/*' ORDER BY rowid");
    std::vector<AskedEntry> asked;
    for (;;) {
        TRY_ASSIGN(const bool row, select.step());
        if (!row) return asked;
        std::string name = select.text();
        asked.push_back({name.substr(to_log.size()), select.text()});
    }
}

Status SqliteStore::strike_off(const std::string& entry_id) {
    const std::lock_guard guard(mutex_);
    SqliteStatement remove = statement("DELETE FROM note WHERE name = ?");
    remove.bind(std::string(to_log) + entry_id);
    return run_on_one(remove, Error(ErrorKind::NotFound, "nobody asks for this entry"));
}

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& file, StoreRole role) {
    const auto lock =
        role == StoreRole::Owner ? SqliteDatabase::Lock::Exclusive : SqliteDatabase::Lock::None;
    TRY_ASSIGN(auto database, SqliteDatabase::open(file, lock));
    auto store = std::make_unique<SqliteStore>(std::move(database), role);
    TRY(store->prepare());
    return std::unique_ptr<Store>(std::move(store));
}

Result<bool> sqlite_store_has_owner(const std::string& file) {
    return SqliteDatabase::is_locked(file);
}

}  // namespace consultd
