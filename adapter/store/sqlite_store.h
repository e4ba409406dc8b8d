// SqliteStore: the Store in one SQLite file. sqlite_store.cpp has what transfers are, with their
// parts; sqlite_leases.cpp who works on them.
#pragma once

#include <mutex>

#include "adapter/store/store.h"
#include "adapter/store/transfer_row.h"

namespace consultd {

class SqliteStore final : public Store {
public:
    SqliteStore(std::unique_ptr<SqliteDatabase> database, StoreRole role)
        : database_(std::move(database)), role_(role) {}

    Status prepare();
    Result<std::optional<Transfer>> create(const Transfer& transfer,
                                           const std::vector<SealedPart>& parts,
                                           const Earlier& earlier,
                                           const std::optional<AskedEntry>& act) override;
    Result<std::optional<Transfer>> find(const std::string& id) override;
    Result<std::vector<Transfer>> list(const StoreFilter& filter) override;
    Result<std::map<TransferState, std::uint64_t>> count_by_state() override;
    Result<std::optional<std::string>> part(const std::string& id, Part part) override;
    Result<std::optional<Lease>> claim(Instant now, Milliseconds span, const std::string& owner,
                                       const PullShares& shares,
                                       std::optional<Instant> due_by) override;
    Result<std::optional<Lease>> claim(const std::string& id, Instant now, Milliseconds span,
                                       const std::string& owner) override;
    Result<std::optional<Instant>> next_due() override;
    Status bound_waits(Instant now) override;
    Result<bool> changed_elsewhere() override;
    Result<Renewal> renew(const Lease& lease, Instant now, Milliseconds span) override;
    Status save(const Lease& lease, const Transfer& transfer,
                const std::vector<SealedPart>& parts) override;
    Status keep_answer(const Lease& lease, const std::string& name,
                       const std::string& sealed) override;
    Result<std::optional<std::string>> answer(const std::string& id,
                                              const std::string& name) override;
    Status forget_answers(const std::string& id) override;
    Status release(const Lease& lease) override;
    Result<std::optional<Transfer>> ask_withdrawal(const std::string& id, Instant now,
                                                   const std::optional<AskedEntry>& act) override;
    Status change(TransferState expected, const Transfer& transfer,
                  const std::vector<SealedPart>& parts,
                  const std::optional<AskedEntry>& act) override;
    Status keep_part(const std::string& id, const SealedPart& part) override;
    Result<std::uint64_t> forget(Instant before, const std::vector<Part>& parts) override;
    Status forget(const std::string& id, const std::vector<Part>& parts) override;
    Status ask_to_log(const AskedEntry& entry) override;
    Result<std::vector<AskedEntry>> asked_to_log() override;
    Status strike_off(const std::string& entry_id) override;
    Status keep_errand(const Errand& errand) override;
    Result<std::vector<Errand>> errands() override;
    Status drop_errand(const std::string& transfer, const std::string& name) override;
    Status remember_checkpoint(const std::string& note) override {
        return write_note("checkpoint", note);
    }
    Result<std::optional<std::string>> checkpoint() override { return read_note("checkpoint"); }
    Status keep_learnt(const std::string& destination, const std::string& text) override {
        return write_note("learnt-" + destination, text);
    }
    Result<std::optional<std::string>> learnt(const std::string& destination) override {
        return read_note("learnt-" + destination);
    }
    Status remember_key_check(const std::string& words) override {
        return write_note("key-check", words);
    }
    Result<std::optional<std::string>> key_check() override { return read_note("key-check"); }

private:
    static Error lease_is_lost(const Lease& lease);
    SqliteStatement statement(std::string_view sql) {
        return SqliteStatement(database_->handle(), sql);
    }
    // In the transaction that is open.
    Result<std::optional<Transfer>> find_row(const std::string& id);
    Result<std::string> find_named(const std::vector<std::string>& keys);
    Result<std::optional<Transfer>> find_of_others(const std::vector<std::string>& keys,
                                                   const Transfer& transfer);
    Result<std::optional<Transfer>> find_earlier(const Transfer& transfer, const Earlier& earlier);
    Status write_act(const std::optional<AskedEntry>& act);
    Status write_parts(const std::string& id, const std::vector<SealedPart>& parts);
    Status write_note(std::string_view name, const std::string& text);
    Result<std::optional<std::string>> read_note(std::string_view name);
    Status update_facts(const Transfer& transfer);
    // Whoever held the lease must not write over what a person decided.
    Status end_lease(const std::string& id);
    // Runs a statement that must touch one row; else the given error. In a transaction of its own.
    Status run_on_one(SqliteStatement& statement, const Error& otherwise);
    // Frees what the process before us was at work on, and finds out what it died of.
    Status bury_the_dead();
    // What may not be claimed now, as a condition with its parameters.
    struct Barred {
        std::string condition;
        std::vector<std::string> sources;
    };
    Result<Barred> barred(Instant now, const PullShares& shares);
    Status may_claim() const;
    // The lease that the statement gives, in the transaction that is open.
    Result<std::optional<Lease>> take(SqliteStatement& update, Transaction& transaction);

    std::mutex mutex_;                // one connection, one user at a time
    std::int64_t seen_version_ = -1;  // of the database, as others change it
    std::unique_ptr<SqliteDatabase> database_;
    const StoreRole role_;
};

}  // namespace consultd
