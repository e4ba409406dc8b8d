#include "adapter/store/sqlite_schema.h"

namespace consultd {
namespace {

constexpr std::int64_t schema_version = 6;
constexpr StaticText schema =
    "CREATE TABLE transfer("
    " sequence INTEGER PRIMARY KEY AUTOINCREMENT,"  // the order of creation
    " id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, runnable INTEGER NOT NULL,"
    " source TEXT NOT NULL, destination TEXT NOT NULL, patient_pseudonym TEXT NOT NULL,"
    " reason TEXT NOT NULL, peer_side TEXT NOT NULL, peer_address TEXT NOT NULL,"
    " attempts INTEGER NOT NULL,"
    " created INTEGER NOT NULL, updated INTEGER NOT NULL, due INTEGER NOT NULL, sent INTEGER,"
    " pulled INTEGER NOT NULL, delivered INTEGER NOT NULL, merged INTEGER NOT NULL,"
    " withheld INTEGER NOT NULL, rejected INTEGER NOT NULL, complete INTEGER NOT NULL, prepared "
    "INTEGER NOT NULL,"
    " intent_index INTEGER, outcome_index INTEGER,"
    " destination_task TEXT NOT NULL, remote_status TEXT NOT NULL,"
    // Of the order; they never change.
    " order_content TEXT NOT NULL, order_patient TEXT NOT NULL, order_consent TEXT NOT NULL,"
    " asked_by TEXT NOT NULL,"
    // A person's wish, beside what the holder of a lease writes.
    " withdrawal_asked INTEGER,"
    // A lease is held while it has an owner; `fence` only ever grows.
    " lease_owner TEXT, lease_until INTEGER NOT NULL DEFAULT 0, fence INTEGER NOT NULL DEFAULT 0,"
    // Both until the next release: worked on when a process died; and how often that was its doing.
    " suspect INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX transfer_due ON transfer(due, sequence) WHERE runnable = 1;"
    "CREATE INDEX transfer_leased ON transfer(source) WHERE lease_owner IS NOT NULL;"
    "CREATE INDEX transfer_patient ON transfer(patient_pseudonym, sequence);"
    "CREATE INDEX transfer_disclosure ON transfer(order_consent, destination);"
    // Keyed hashes of the identifiers that orders came with.
    "CREATE TABLE order_identifier("
    " key TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL REFERENCES transfer(id)) STRICT;"
    "CREATE TABLE part("
    " id TEXT NOT NULL REFERENCES transfer(id), name TEXT NOT NULL, bytes BLOB NOT NULL,"
    " UNIQUE(id, name)) STRICT;"
    // What sources have answered, by pseudonym of the question, until the packet is made of it.
    "CREATE TABLE answer("
    " id TEXT NOT NULL REFERENCES transfer(id), name TEXT NOT NULL, bytes BLOB NOT NULL,"
    " UNIQUE(id, name)) STRICT;"
    "CREATE TABLE note(name TEXT NOT NULL UNIQUE, text TEXT NOT NULL) STRICT;"
    "PRAGMA user_version = 6;";

Result<std::int64_t> number_from(SqliteDatabase& database, StaticText query) {
    SqliteStatement read(database.handle(), query.view());
    TRY(read.step());
    return read.integer();
}

}  // namespace

Status make_schema(SqliteDatabase& database) {
    TRY_ASSIGN(const std::int64_t version, number_from(database, "PRAGMA user_version"));
    if (version == schema_version) return {};
    if (version > schema_version)
        return Error(ErrorKind::Config, "the state database is of a newer version of this program")
            .with("version", version);
    if (version != 0)
        return Error(ErrorKind::Config,
                     "the state database is of an older version of this program, from before 1.0")
            .with("version", version);
    TRY_ASSIGN(const std::int64_t tables,
               number_from(database, "SELECT count(*) FROM sqlite_schema"));
    if (tables != 0) return Error(ErrorKind::Config, "the file is a database, and not one of ours");
    return database.execute(schema);
}

}  // namespace consultd
