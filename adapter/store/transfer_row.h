// A transfer as a row of SQLite: which columns, in which order, bound and read in one place.
#pragma once

#include <string>

#include "adapter/store/sqlite_database.h"
#include "adapter/store/store.h"

// What changes while a transfer lives, in the order of bind_facts(): 21 columns.
#define CONSULTD_FACTS                                                                         \
    "patient_pseudonym, state, runnable, reason, peer_side, peer_address, attempts, updated, " \
    "due, sent, pulled, "                                                                      \
    "delivered, merged, "                                                                      \
    "withheld, rejected, complete, prepared, intent_index, outcome_index, destination_task, "  \
    "remote_status"
// What never changes, in the order of bind_order(): 8 columns.
#define CONSULTD_ORDER \
    "id, source, destination, created, order_content, order_patient, order_consent, asked_by"
// All of it, in the order of read_transfer().
#define CONSULTD_COLUMNS CONSULTD_ORDER ", fence, deaths, withdrawal_asked, " CONSULTD_FACTS

namespace consultd {

std::int64_t milliseconds(Instant instant);
void bind_count(SqliteStatement& statement, std::uint64_t count);
void bind_order(SqliteStatement& statement, const Transfer& transfer);
void bind_facts(SqliteStatement& statement, const Transfer& transfer);
// The transfer and its fence. Corrupt: a state that we do not know.
Result<Lease> read_transfer(SqliteStatement& row);
// "?,?,?".
std::string placeholders(std::size_t count);

}  // namespace consultd
