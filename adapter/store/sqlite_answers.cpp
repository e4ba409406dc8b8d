// SqliteStore: what sources have answered, while their records are being read, and what is to be
// said to them afterwards.
#include "adapter/store/sqlite_store.h"
#include "adapter/store/transfer_row.h"
#include "fhir/base/crypto.h"

namespace consultd {

Status SqliteStore::keep_answer(const Lease& lease, const std::string& name,
                                const std::string& sealed) {
    const std::lock_guard guard(mutex_);
    SqliteStatement write = statement(
        "INSERT INTO answer(id, name, bytes) SELECT id, ?, ? FROM transfer"
        " WHERE id = ? AND fence = ? AND lease_owner IS NOT NULL"
        " ON CONFLICT(id, name) DO UPDATE SET bytes = excluded.bytes");
    write.bind(name).bind_bytes(sealed).bind(lease.transfer.id);
    bind_count(write, lease.fence);
    return run_on_one(write, lease_is_lost(lease));
}

Result<std::optional<std::string>> SqliteStore::answer(const std::string& id,
                                                       const std::string& name) {
    const std::lock_guard guard(mutex_);
    SqliteStatement select = statement("SELECT bytes FROM answer WHERE id = ? AND name = ?");
    TRY_ASSIGN(const bool row, select.bind(id).bind(name).step());
    if (!row) return std::optional<std::string>();
    return std::optional(select.text());
}

Status SqliteStore::forget_answers(const std::string& id) {
    const std::lock_guard guard(mutex_);
    Transaction transaction(*database_);
    TRY(transaction.begin());
    SqliteStatement remove = statement("DELETE FROM answer WHERE id = ?");
    TRY(remove.bind(id).run());
    // If we die here: they are there still, and go when the transfer is next saved or forgotten.
    return transaction.commit();
}

// Notes "errand/TRANSFER/NAME".
Status SqliteStore::keep_errand(const Errand& errand) {
    return write_note("errand/" + errand.transfer + "/" + errand.name,
                      crypto::base64(errand.sealed));
}

Result<std::vector<Errand>> SqliteStore::errands() {
    const std::lock_guard guard(mutex_);
    SqliteStatement select =
        statement("SELECT name, text FROM note WHERE name GLOB 'errand/*' ORDER BY rowid");
    std::vector<Errand> found;
    for (;;) {
        TRY_ASSIGN(const bool row, select.step());
        if (!row) return found;
        const std::string key = select.text();
        const std::size_t transfer = key.find('/') + 1, name = key.rfind('/') + 1;
        found.push_back({key.substr(transfer, name - 1 - transfer), key.substr(name),
                         crypto::from_base64(select.text()).value_or("")});
    }
}

Status SqliteStore::drop_errand(const std::string& transfer, const std::string& name) {
    const std::lock_guard guard(mutex_);
    SqliteStatement remove = statement("DELETE FROM note WHERE name = ?");
    return remove.bind("errand/" + transfer + "/" + name).run();
}

}  // namespace consultd
