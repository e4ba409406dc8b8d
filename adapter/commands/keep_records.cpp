#include "adapter/commands/keep_records.h"

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

}  // namespace

Result<std::uint64_t> forget_old_records(Store& store, const config::Config& config, Instant now) {
    const Instant before = now - config.state.keep_records;
    TRY(end_what_is_held(store, before));
    return store.forget(before, parts_kept_as(Retention::Record));
}

}  // namespace consultd::commands
