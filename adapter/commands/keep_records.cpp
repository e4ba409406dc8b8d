#include "adapter/commands/keep_records.h"

#include <filesystem>

namespace consultd::commands {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t page_size = 500;
constexpr std::string_view receipt_file = "receipt.json";

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

Status remove_files(const fs::path& folder) {
    std::error_code error;
    for (const auto& item : fs::directory_iterator(folder, error))
        if (item.path().filename() != receipt_file) fs::remove_all(item.path(), error);
    if (error) return Error(ErrorKind::Storage, "an old packet cannot be removed");
    return {};
}

// What lies beside the state in clear, because somebody asked for it.
Status empty_out_folders(Store& store, const config::Config& config, Instant before) {
    std::error_code error;
    const fs::path out = fs::path(out_folder(config, "x")).parent_path();
    for (const auto& item : fs::directory_iterator(out, error)) {
        TRY_ASSIGN(const std::optional<Transfer> transfer,
                   store.find(item.path().filename().string()));
        if (transfer && is_over(*transfer, before)) TRY(remove_files(item.path()));
    }
    return {};
}

}  // namespace

Result<std::uint64_t> forget_old_records(Store& store, const config::Config& config, Instant now) {
    const Instant before = now - config.state.keep_records;
    TRY(end_what_is_held(store, before));
    TRY(empty_out_folders(store, config, before));
    return store.forget(before, parts_kept_as(Retention::Record));
}

std::string out_folder(const config::Config& config, const std::string& transfer_id) {
    return (fs::path(config.state.directory) / "out" / transfer_id).string();
}

}  // namespace consultd::commands
