#include "adapter/commands/keep_records.h"

#include <algorithm>

namespace consultd::commands {
namespace {

constexpr std::size_t page_size = 500;

bool is_over(const Transfer& transfer, Instant before) {
    return transfer.updated < before &&
           (is_terminal(transfer.state) || transfer.state == TransferState::Held);
}

// Nothing of it left us, and without its record it cannot go on.
Status end_what_is_held(Store& store, Instant before) {
    StoreFilter filter{.states = {TransferState::Held}, .count_max = page_size};
    for (;;) {
        TRY_ASSIGN(const std::vector<Transfer> page, store.list(filter));
        for (const Transfer& held : page) {
            if (!is_over(held, before) || held.sent || held.outcome_index) continue;
            Transfer failed = held;
            failed.state = TransferState::Failed;
            clear_reason(failed);
            failed.reason = "record-expired";
            // If we die here: it is held, and the next call ends it.
            const Status changed = store.change(TransferState::Held, failed);
            // A person was faster.
            if (!changed && changed.error().kind() != ErrorKind::Conflict) return changed.error();
        }
        if (page.size() < page_size) return {};
        filter.after = page.back().id;
    }
}

// Absent: nobody has read it yet, or it is gone.
Result<std::optional<Instant>> when_read(Store& store, const crypto::Sealer& sealer,
                                         const std::string& id) {
    TRY_ASSIGN(const std::optional<std::string> sealed, store.part(id, Part::OpinionRead));
    if (!sealed) return std::optional<Instant>();
    TRY_ASSIGN(const std::string text, open_part(store, sealer, id, Part::OpinionRead));
    return parse_instant(text);
}

Result<std::uint64_t> forget_opinions(Store& store, const crypto::Sealer& sealer, Instant before) {
    std::uint64_t forgotten = 0;
    StoreFilter filter{.states = {TransferState::Held, TransferState::Closed,
                                  TransferState::Withdrawn, TransferState::Failed},
                       .count_max = page_size};
    for (;;) {
        TRY_ASSIGN(const std::vector<Transfer> page, store.list(filter));
        for (const Transfer& transfer : page) {
            if (!is_over(transfer, before)) continue;
            TRY_ASSIGN(const auto read, when_read(store, sealer, transfer.id));
            if (!read || *read >= before) continue;
            TRY(store.forget(transfer.id, parts_kept_as(Retention::Read)));
            ++forgotten;
        }
        if (page.size() < page_size) return forgotten;
        filter.after = page.back().id;
    }
}

}  // namespace

Status remember_reading(Store& store, const crypto::Sealer& sealer, const std::string& transfer_id,
                        Instant now) {
    return store.keep_part(transfer_id,
                           seal_part(sealer, transfer_id, Part::OpinionRead, format_instant(now)));
}

Result<std::uint64_t> forget_old_records(Store& store, const config::Config& config,
                                         const crypto::Sealer& sealer, Instant now) {
    const Instant before = now - config.state.keep_records;
    TRY(end_what_is_held(store, before));
    TRY_ASSIGN(const std::uint64_t opinions, forget_opinions(store, sealer, before));
    TRY_ASSIGN(const std::uint64_t records, store.forget(before, parts_kept_as(Retention::Record)));
    return std::max(opinions, records);
}

}  // namespace consultd::commands
