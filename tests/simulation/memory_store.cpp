#include "tests/simulation/memory_store.h"

#include <algorithm>
#include <mutex>

namespace consultd::simulation {
namespace {

using Row = Tables::Row;

Error lease_is_lost(const Lease& lease) {
    return Error(ErrorKind::Conflict, "the lease on the transfer is lost")
        .with("fence", static_cast<std::int64_t>(lease.fence));
}

bool is_free(const Row& row, Instant now) { return !row.lease_owner || row.lease_until <= now; }

class MemoryStore final : public Store {
public:
    MemoryStore(Tables& tables, CommitFates fates) : tables_(tables), fates_(std::move(fates)) {
        tables_.bury_the_dead();
    }

    Result<std::optional<Transfer>> create(const Transfer& transfer,
                                           const std::vector<SealedPart>& parts,
                                           const Earlier& earlier,
                                           const std::optional<AskedEntry>& act) override {
        const std::lock_guard guard(mutex_);
        if (tables_.find(transfer.id) != nullptr)
            return Error(ErrorKind::Conflict, "the id is taken");
        TRY_ASSIGN(std::optional<Transfer> known, tables_.find_earlier(transfer, earlier));
        if (known) return known;
        TRY(commit([&] {
            const std::uint64_t next = tables_.rows.empty() ? 1 : tables_.rows.rbegin()->first + 1;
            tables_.rows[next].transfer = transfer;
            tables_.order[transfer.id] = next;
            for (const std::string& key : earlier.identifiers)
                tables_.identifiers[key] = transfer.id;
            write(transfer.id, parts);
            if (act) tables_.to_log.push_back(*act);
        }));
        return std::optional<Transfer>();
    }
    Result<std::optional<Transfer>> find(const std::string& id) override {
        const std::lock_guard guard(mutex_);
        const Row* row = tables_.find(id);
        return row == nullptr ? std::optional<Transfer>() : std::optional(row->transfer);
    }
    Result<std::vector<Transfer>> list(const StoreFilter& filter) override;
    Result<std::map<TransferState, std::uint64_t>> count_by_state() override {
        const std::lock_guard guard(mutex_);
        std::map<TransferState, std::uint64_t> counts;
        for (const auto& [sequence, row] : tables_.rows) ++counts[row.transfer.state];
        return counts;
    }
    Result<std::optional<std::string>> part(const std::string& id, Part name) override {
        const std::lock_guard guard(mutex_);
        const auto found = tables_.parts.find({id, name});
        return found == tables_.parts.end() ? std::optional<std::string>()
                                            : std::optional(found->second);
    }
    Result<std::optional<Lease>> claim(Instant now, Milliseconds span, const std::string& owner,
                                       const PullShares& shares,
                                       std::optional<Instant> due_by) override;
    Result<std::optional<Lease>> claim(const std::string& id, Instant now, Milliseconds span,
                                       const std::string& owner) override {
        const std::lock_guard guard(mutex_);
        Row* row = tables_.find(id);
        if (row == nullptr || !is_runnable(row->transfer.state) || !is_free(*row, now))
            return std::optional<Lease>();
        return take(*row, now + span, owner);
    }
    Result<std::optional<Instant>> next_due() override {
        const std::lock_guard guard(mutex_);
        std::optional<Instant> first;
        for (const auto& [sequence, row] : tables_.rows) {
            if (!is_runnable(row.transfer.state)) continue;
            const Instant due =
                row.lease_owner ? std::max(row.transfer.due, row.lease_until) : row.transfer.due;
            first = first ? std::min(*first, due) : due;
        }
        return first;
    }
    Status bound_waits(Instant now) override {
        const std::lock_guard guard(mutex_);
        return commit([&] {
            for (auto& [sequence, row] : tables_.rows)
                row.transfer.due =
                    std::min(row.transfer.due, now + longest_wait(row.transfer.state));
        });
    }
    Result<bool> changed_elsewhere() override { return false; }
    Result<Renewal> renew(const Lease& lease, Instant now, Milliseconds span) override {
        const std::lock_guard guard(mutex_);
        Row* row = held_by(lease);
        if (row == nullptr) return lease_is_lost(lease);
        if (row->lease_until - now < span - span / 4)
            TRY(commit([&] { row->lease_until = now + span; }));
        return must_be_withdrawn(row->transfer) ? Renewal::MustBeWithdrawn : Renewal::Renewed;
    }
    Status save(const Lease& lease, const Transfer& transfer,
                const std::vector<SealedPart>& parts) override {
        const std::lock_guard guard(mutex_);
        Row* row = held_by(lease);
        if (row == nullptr) return lease_is_lost(lease);
        if (is_against_wish(row->transfer, transfer))
            return Error(ErrorKind::Conflict, "the withdrawal of the transfer was asked for")
                .with("withdrawal", 1);
        if (const Status may = may_replace(row->transfer, transfer); !may)
            return Error(may.error()).with("fence", static_cast<std::int64_t>(lease.fence));
        return commit([&] {
            replace(*row, transfer);
            write(transfer.id, parts);
        });
    }
    Status keep_answer(const Lease& lease, const std::string& name,
                       const std::string& sealed) override {
        const std::lock_guard guard(mutex_);
        if (held_by(lease) == nullptr) return lease_is_lost(lease);
        return commit([&] { tables_.answers[{lease.transfer.id, name}] = sealed; });
    }
    Result<std::optional<std::string>> answer(const std::string& id,
                                              const std::string& name) override {
        const std::lock_guard guard(mutex_);
        const auto found = tables_.answers.find({id, name});
        return found == tables_.answers.end() ? std::optional<std::string>()
                                              : std::optional(found->second);
    }
    Status forget_answers(const std::string& id) override {
        const std::lock_guard guard(mutex_);
        return commit([&] { erase_answers(id); });
    }
    Status release(const Lease& lease) override {
        const std::lock_guard guard(mutex_);
        Row* row = held_by(lease);
        if (row == nullptr) return lease_is_lost(lease);
        return commit([&] {
            row->lease_owner.reset();
            row->deaths = 0;
            row->suspect = false;
        });
    }
    Result<std::optional<Transfer>> ask_withdrawal(const std::string& id, Instant now,
                                                   const std::optional<AskedEntry>& act) override {
        const std::lock_guard guard(mutex_);
        Row* row = tables_.find(id);
        if (row == nullptr) return std::optional<Transfer>();
        const Transfer next = cancelled(
            row->transfer, is_free(*row, now) ? Worked::ByNobody : Worked::BySomebody, now);
        const bool is_over = next.state != row->transfer.state;
        TRY(commit([&] {
            row->transfer = next;
            if (act) tables_.to_log.push_back(*act);
            if (!is_over) return;
            erase_answers(id);
            ++row->fence;
            row->deaths = 0;
            row->suspect = false;
            row->lease_owner.reset();
        }));
        return std::optional(next);
    }
    Status change(TransferState expected, const Transfer& transfer,
                  const std::vector<SealedPart>& parts,
                  const std::optional<AskedEntry>& act) override {
        const std::lock_guard guard(mutex_);
        Row* row = tables_.find(transfer.id);
        if (row == nullptr || row->transfer.state != expected || !is_free(*row, transfer.updated))
            return Error(ErrorKind::Conflict,
                         "the transfer is being worked on, or is in another state");
        TRY(may_replace(row->transfer, transfer));
        if (has_gone_on(row->transfer, transfer))
            return Error(ErrorKind::Conflict, "the transfer has gone on since it was looked at");
        return commit([&] {
            replace(*row, transfer);
            write(transfer.id, parts);
            if (act) tables_.to_log.push_back(*act);
            ++row->fence;
            row->deaths = 0;
            row->suspect = false;
            row->lease_owner.reset();
        });
    }
    Status keep_part(const std::string& id, const SealedPart& part) override {
        const std::lock_guard guard(mutex_);
        return commit([&] { write(id, {part}); });
    }
    Status forget(const std::string& id, const std::vector<Part>& parts) override {
        const std::lock_guard guard(mutex_);
        return commit([&] {
            for (const Part part : parts) tables_.parts.erase({id, part});
        });
    }
    Status ask_to_log(const AskedEntry& entry) override {
        const std::lock_guard guard(mutex_);
        return commit([&] { tables_.to_log.push_back(entry); });
    }
    Result<std::vector<AskedEntry>> asked_to_log() override {
        const std::lock_guard guard(mutex_);
        return tables_.to_log;
    }
    Status strike_off(const std::string& entry_id) override {
        const std::lock_guard guard(mutex_);
        const auto found = std::ranges::find(tables_.to_log, entry_id, &AskedEntry::id);
        if (found == tables_.to_log.end())
            return Error(ErrorKind::NotFound, "nobody asks for this entry");
        return commit([&] { tables_.to_log.erase(found); });
    }
    Result<std::uint64_t> forget(Instant before, const std::vector<Part>& parts) override;
    Status keep_errand(const Errand& errand) override {
        const std::lock_guard guard(mutex_);
        return commit([&] {
            erase_errand(errand.transfer, errand.name);
            tables_.errands.push_back(errand);
        });
    }
    Result<std::vector<Errand>> errands() override {
        const std::lock_guard guard(mutex_);
        return tables_.errands;
    }
    Status drop_errand(const std::string& transfer, const std::string& name) override {
        const std::lock_guard guard(mutex_);
        return commit([&] { erase_errand(transfer, name); });
    }
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
    Status remember_key_check(const std::string& w) override { return write_note("key-check", w); }
    Result<std::optional<std::string>> key_check() override { return read_note("key-check"); }

private:
    template <typename Change>
    Status commit(const Change& change) {
        switch (fates_.next()) {
            case CommitFate::Done:
                change();
                return {};
            case CommitFate::Busy:
                return Error(ErrorKind::Busy, "another process has the state");
            case CommitFate::NoRoom:
                return Error(ErrorKind::Storage, "there is no room").with("no-room", 1);
            case CommitFate::FailsDone:
                change();
                [[fallthrough]];
            case CommitFate::FailsUndone:
                return Error(ErrorKind::Storage, "the state does not take a write");
            case CommitFate::DiesAfter:
                change();
                [[fallthrough]];
            case CommitFate::DiesBefore:
                fates_.die();
        }
        return Error(ErrorKind::Storage, "the process is gone");
    }
    void write(const std::string& id, const std::vector<SealedPart>& parts) {
        for (const SealedPart& part : parts) tables_.parts[{id, part.part}] = part.bytes;
    }
    void erase_errand(const std::string& transfer, const std::string& name) {
        std::erase_if(tables_.errands, [&](const Errand& one) {
            return one.transfer == transfer && one.name == name;
        });
    }
    void erase_answers(const std::string& id) {
        std::erase_if(tables_.answers, [&](const auto& one) { return one.first.first == id; });
    }
    static void replace(Row& row, const Transfer& transfer) {
        const Instant created = row.transfer.created;
        const std::optional<Instant> wish = row.transfer.withdrawal_asked;
        row.transfer = transfer;
        row.transfer.created = created;
        row.transfer.withdrawal_asked = wish;
    }
    Row* held_by(const Lease& lease) {
        Row* row = tables_.find(lease.transfer.id);
        return row != nullptr && row->fence == lease.fence && row->lease_owner ? row : nullptr;
    }
    Result<std::optional<Lease>> take(Row& row, Instant until, const std::string& owner) {
        TRY(commit([&] {
            row.lease_owner = owner;
            row.lease_until = until;
            ++row.fence;
        }));
        return std::optional(Lease{row.transfer, row.fence, row.deaths});
    }
    Status write_note(const std::string& name, const std::string& text) {
        const std::lock_guard guard(mutex_);
        return commit([&] { tables_.notes[name] = text; });
    }
    Result<std::optional<std::string>> read_note(const std::string& name) {
        const std::lock_guard guard(mutex_);
        const auto found = tables_.notes.find(name);
        return found == tables_.notes.end() ? std::optional<std::string>()
                                            : std::optional(found->second);
    }

    std::mutex mutex_;
    Tables& tables_;
    const CommitFates fates_;
};

Result<std::vector<Transfer>> MemoryStore::list(const StoreFilter& filter) {
    const std::lock_guard guard(mutex_);
    std::uint64_t after = 0;
    if (!filter.after.empty()) {
        const auto place = tables_.order.find(filter.after);
        if (place == tables_.order.end())
            return Error(ErrorKind::NotFound, "there is no transfer to go on from");
        after = place->second;
    }
    const auto is_among = [](const auto& list, const auto& item) {
        return list.empty() || std::find(list.begin(), list.end(), item) != list.end();
    };
    std::vector<Transfer> found;
    for (auto row = tables_.rows.upper_bound(after);
         row != tables_.rows.end() && found.size() < filter.count_max; ++row) {
        const Transfer& transfer = row->second.transfer;
        if (is_among(filter.states, transfer.state) &&
            is_among(filter.patient_pseudonyms, transfer.patient_pseudonym) &&
            (filter.asked_by.is_nobody() || filter.asked_by == transfer.asked_by))
            found.push_back(transfer);
    }
    return found;
}

Result<std::optional<Lease>> MemoryStore::claim(Instant now, Milliseconds span,
                                                const std::string& owner, const PullShares& shares,
                                                std::optional<Instant> due_by) {
    const std::lock_guard guard(mutex_);
    const auto is_pulled = [](const Row& row) {
        return row.transfer.state == TransferState::Requested ||
               row.transfer.state == TransferState::Pulling;
    };
    bool has_suspect = false;
    std::uint32_t pulls = 0;
    std::map<std::string, std::uint32_t> of_source;
    for (const auto& [sequence, row] : tables_.rows) {
        if (is_free(row, now)) continue;
        has_suspect = has_suspect || row.suspect;
        pulls += is_pulled(row) ? 1 : 0;
        of_source[row.transfer.source] += is_pulled(row) ? 1 : 0;
    }
    const auto is_barred = [&](const Row& row) {
        if (row.suspect && has_suspect) return true;
        return is_pulled(row) &&
               (pulls >= shares.of_all || of_source[row.transfer.source] >= shares.of_one_source);
    };
    Row* first = nullptr;
    for (auto& [sequence, row] : tables_.rows)
        if (is_runnable(row.transfer.state) && row.transfer.due <= due_by.value_or(now) &&
            is_free(row, now) && !is_barred(row) &&
            (first == nullptr || row.transfer.due < first->transfer.due))
            first = &row;
    if (first == nullptr) return std::optional<Lease>();
    return take(*first, now + span, owner);
}

Result<std::uint64_t> MemoryStore::forget(Instant before, const std::vector<Part>& parts) {
    const std::lock_guard guard(mutex_);
    std::uint64_t transfers = 0;
    std::vector<std::pair<std::string, Part>> gone;
    for (const auto& [sequence, row] : tables_.rows) {
        const Transfer& transfer = row.transfer;
        const bool is_over = is_terminal(transfer.state) || transfer.state == TransferState::Held;
        if (!is_over || transfer.updated >= before) continue;
        const std::size_t known = gone.size();
        for (const Part name : parts)
            if (tables_.parts.contains({transfer.id, name})) gone.emplace_back(transfer.id, name);
        transfers += gone.size() > known ? 1 : 0;
    }
    TRY(commit([&] {
        for (const auto& key : gone) tables_.parts.erase(key);
        for (const auto& [sequence, row] : tables_.rows) {
            const Transfer& transfer = row.transfer;
            const bool is_over =
                is_terminal(transfer.state) || transfer.state == TransferState::Held;
            if (is_over && transfer.updated < before) erase_answers(transfer.id);
        }
    }));
    return transfers;
}

}  // namespace

std::unique_ptr<Store> open_memory_store(Tables& tables, CommitFates fates) {
    return std::make_unique<MemoryStore>(tables, std::move(fates));
}

}  // namespace consultd::simulation
