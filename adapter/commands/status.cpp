// status, cancel, retry: look after transfers, beside a running daemon or without one.
#include <sysexits.h>

#include <filesystem>

#include "adapter/commands/commands.h"
#include "adapter/commands/keep_records.h"
#include "adapter/commands/report.h"
#include "adapter/commands/transfer_view.h"
#include "adapter/commands/workplace.h"

namespace consultd::commands {
namespace {

struct Opened {
    config::Config config;
    Visit visit;
};

Result<Opened> open_state(config::Config config) {
    static SystemRandom random;
    TRY_ASSIGN(Visit opened, visit(config, random));
    return Opened{std::move(config), std::move(opened)};
}

// With the paths of what `transfer` put beside the state, as far as it lies there.
fhir::Json with_files(fhir::Json json, const std::string& folder) {
    for (const auto& [name, file] :
         {std::pair{"packet", "packet.html"}, {"receipt", "receipt.json"}}) {
        const std::filesystem::path path = std::filesystem::path(folder) / file;
        std::error_code absent;
        if (std::filesystem::is_regular_file(path, absent)) json = json.with(name, path.string());
    }
    return json;
}

// Finds the transfer and moves it; the table says what may follow.
int act(std::string_view command, const StateOptions& options,
        Result<Transfer> (*decide)(Transfer transfer, Instant now)) {
    LoadedConfig loaded = load_config(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    Result<Opened> opened = open_state(std::move(*loaded.config));
    if (!opened) return fail(command, opened.error());
    const Result<std::optional<Transfer>> found = opened->visit.store->find(options.id);
    if (!found) return fail(command, found.error());
    if (!*found) return fail(command, "no transfer has this id", EX_NOINPUT);
    const Result<Transfer> decided = decide(**found, SystemClock().now());
    if (!decided) return fail(command, decided.error());
    const Status changed = opened->visit.store->change((*found)->state, *decided);
    if (!changed && changed.error().kind() == ErrorKind::Conflict)
        return fail(command, "the transfer is being worked on; try again in a moment", EX_TEMPFAIL);
    if (!changed) return fail(command, changed.error());
    if (options.json)
        print_result(transfer_json(*decided, *opened->visit.store, *opened->visit.sealer).print() +
                     "\n");
    else
        print_result(transfer_line(*decided) + "\n");
    return EX_OK;
}

// Page by page, the oldest first: the newest are those that are looked for.
Result<std::vector<Transfer>> list_all(Store& store) {
    std::vector<Transfer> all;
    StoreFilter filter;
    for (;;) {
        TRY_ASSIGN(const std::vector<Transfer> page, store.list(filter));
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < filter.count_max) return all;
        filter.after = page.back().id;
    }
}

}  // namespace

int status(const StateOptions& options) {
    LoadedConfig loaded = load_config(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    Result<Opened> opened = open_state(std::move(*loaded.config));
    if (!opened) return fail("status", opened.error());
    std::vector<Transfer> transfers;
    if (options.id.empty()) {
        Result<std::vector<Transfer>> listed = list_all(*opened->visit.store);
        if (!listed) return fail("status", listed.error());
        transfers = std::move(*listed);
    } else {
        const Result<std::optional<Transfer>> found = opened->visit.store->find(options.id);
        if (!found) return fail("status", found.error());
        if (!*found) return fail("status", "no transfer has this id", EX_NOINPUT);
        transfers.push_back(**found);
    }
    std::vector<fhir::Json> items;
    std::string lines;
    for (const Transfer& transfer : transfers) {
        items.push_back(
            with_files(transfer_json(transfer, *opened->visit.store, *opened->visit.sealer),
                       out_folder(opened->config, transfer.id)));
        lines += transfer_line(transfer) + "\n";
    }
    print_result(options.json ? fhir::Json::array(std::move(items)).print() + "\n" : lines);
    return EX_OK;
}

int cancel(const StateOptions& options) {
    return act("cancel", options,
               [](Transfer transfer, Instant now) { return cancelled(std::move(transfer), now); });
}

int retry(const StateOptions& options) {
    return act("retry", options,
               [](Transfer transfer, Instant now) { return retried(std::move(transfer), now); });
}

}  // namespace consultd::commands
