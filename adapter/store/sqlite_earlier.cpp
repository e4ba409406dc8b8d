// Which transfer an order may be already (store.h, Earlier), in SQLite.
#include "adapter/store/sqlite_store.h"

namespace consultd {

// Empty: it is none of these.
Result<std::string> SqliteStore::find_named(const std::vector<std::string>& keys) {
    std::string named;
    for (const std::string& key : keys) {
        SqliteStatement select = statement("SELECT id FROM order_identifier WHERE key = ?");
        TRY_ASSIGN(const bool row, select.bind(key).step());
        if (!row) continue;
        const std::string id = select.text();
        if (!named.empty() && id != named)
            return Error(ErrorKind::Conflict, "the identifiers are those of two orders");
        named = id;
    }
    return named;
}

// Each other has orders of their own by these names: the one that is the same disclosure, whenever
// that was; else the first.
Result<std::optional<Transfer>> SqliteStore::find_of_others(const std::vector<std::string>& keys,
                                                            const Transfer& transfer) {
    std::optional<Transfer> first;
    for (const std::string& key : keys) {
        TRY_ASSIGN(const std::string named, find_named({key}));
        if (named.empty()) continue;
        TRY_ASSIGN(std::optional<Transfer> other, find_row(named));
        if (other && is_same_disclosure(*other, transfer, Instant{})) return other;
        if (!first) first = std::move(other);
    }
    return first;
}

Result<std::optional<Transfer>> SqliteStore::find_earlier(const Transfer& transfer,
                                                          const Earlier& earlier) {
    TRY_ASSIGN(const std::string named, find_named(earlier.identifiers));
    if (!named.empty()) return find_row(named);
    TRY_ASSIGN(std::optional<Transfer> of_another, find_of_others(earlier.others, transfer));
    if (of_another) return of_another;
    if (!earlier.same_disclosure_since) return std::optional<Transfer>();
    SqliteStatement select = statement("SELECT " CONSULTD_COLUMNS
                                       " FROM transfer WHERE order_consent = ? AND destination = ?"
                                       " ORDER BY sequence DESC");
    select.bind(transfer.marks.consent).bind(transfer.destination);
    for (;;) {
        TRY_ASSIGN(const bool row, select.step());
        if (!row) return std::optional<Transfer>();
        TRY_ASSIGN(Lease stored, read_transfer(select));
        if (is_same_disclosure(stored.transfer, transfer, *earlier.same_disclosure_since))
            return std::optional(std::move(stored.transfer));
    }
}

}  // namespace consultd
