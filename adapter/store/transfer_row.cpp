#include "adapter/store/transfer_row.h"

namespace consultd {
namespace {

Instant instant_of(std::int64_t milliseconds) { return Instant(Milliseconds(milliseconds)); }

std::optional<std::int64_t> as_integer(const std::optional<std::uint64_t>& value) {
    if (!value) return std::nullopt;
    return static_cast<std::int64_t>(*value);
}

}  // namespace

std::int64_t milliseconds(Instant instant) { return instant.time_since_epoch().count(); }

void bind_count(SqliteStatement& statement, std::uint64_t count) {
    statement.bind(static_cast<std::int64_t>(count));
}

void bind_order(SqliteStatement& statement, const Transfer& transfer) {
    statement.bind(transfer.id).bind(transfer.source).bind(transfer.destination);
    statement.bind(milliseconds(transfer.created));
    statement.bind(transfer.marks.content).bind(transfer.marks.patient);
    statement.bind(transfer.marks.consent).bind(transfer.asked_by.text());
}

void bind_facts(SqliteStatement& statement, const Transfer& transfer) {
    statement.bind(transfer.patient_pseudonym);
    statement.bind(name_of(transfer.state)).bind(std::int64_t{is_runnable(transfer.state)});
    statement.bind(transfer.reason).bind(transfer.peer_side).bind(transfer.peer_address);
    statement.bind(std::int64_t{transfer.attempts});
    statement.bind(milliseconds(transfer.updated)).bind(milliseconds(transfer.due));
    statement.bind(transfer.sent ? std::optional(milliseconds(*transfer.sent)) : std::nullopt);
    for (const std::uint64_t count : {transfer.pulled, transfer.delivered, transfer.merged,
                                      transfer.withheld, transfer.rejected})
        bind_count(statement, count);
    statement.bind(std::int64_t{transfer.complete}).bind(std::int64_t{transfer.prepared});
    statement.bind(as_integer(transfer.intent_index)).bind(as_integer(transfer.outcome_index));
    statement.bind(transfer.destination_task).bind(transfer.remote_status);
}

Result<Lease> read_transfer(SqliteStatement& row) {
    Lease lease;
    Transfer& transfer = lease.transfer;
    transfer.id = row.text();
    transfer.source = row.text();
    transfer.destination = row.text();
    transfer.created = instant_of(row.integer());
    transfer.marks.content = row.text();
    transfer.marks.patient = row.text();
    transfer.marks.consent = row.text();
    transfer.asked_by = Actor::parse(row.text());
    lease.fence = static_cast<std::uint64_t>(row.integer());
    lease.deaths = static_cast<std::uint64_t>(row.integer());
    if (const auto asked = row.optional_integer()) transfer.withdrawal_asked = instant_of(*asked);
    transfer.patient_pseudonym = row.text();
    const auto state = transfer_state(row.text());
    if (!state) return Error(ErrorKind::Corrupt, "the state database has an unknown state");
    transfer.state = *state;
    row.integer();  // runnable follows from the state
    transfer.reason = row.text();
    transfer.peer_side = row.text();
    transfer.peer_address = row.text();
    transfer.attempts = static_cast<std::uint32_t>(row.integer());
    transfer.updated = instant_of(row.integer());
    transfer.due = instant_of(row.integer());
    if (const auto sent = row.optional_integer()) transfer.sent = instant_of(*sent);
    for (std::uint64_t* const count : {&transfer.pulled, &transfer.delivered, &transfer.merged,
                                       &transfer.withheld, &transfer.rejected})
        *count = static_cast<std::uint64_t>(row.integer());
    transfer.complete = row.integer() != 0;
    transfer.prepared = row.integer() != 0;
    if (const auto index = row.optional_integer())
        transfer.intent_index = static_cast<std::uint64_t>(*index);
    if (const auto index = row.optional_integer())
        transfer.outcome_index = static_cast<std::uint64_t>(*index);
    transfer.destination_task = row.text();
    transfer.remote_status = row.text();
    return lease;
}

std::string placeholders(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "?" : ",?";
    return text;
}

}  // namespace consultd
