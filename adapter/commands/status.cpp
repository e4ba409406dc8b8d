// status, cancel, retry: look after transfers, beside a running daemon or without one.
#include <sysexits.h>

#include "adapter/acts.h"
#include "adapter/commands/commands.h"
#include "adapter/commands/report.h"
#include "adapter/commands/transfer_view.h"
#include "adapter/commands/workplace.h"

namespace consultd::commands {
namespace {

constexpr Milliseconds moment = std::chrono::seconds(3);
constexpr Milliseconds look_again = std::chrono::milliseconds(50);

struct Opened {
    config::Config config;
    Visit visit;
};

Result<Opened> open_state(config::Config config) {
    static SystemRandom random;
    TRY_ASSIGN(Visit opened, visit(config, random));
    return Opened{std::move(config), std::move(opened)};
}

int show(const StateOptions& options, const Visit& visit, const Transfer& transfer) {
    print_result(options.json ? transfer_json(transfer, *visit.store, *visit.sealer).print() + "\n"
                              : transfer_line(transfer) + "\n");
    return EX_OK;
}

// What is to be withdrawn and is still being worked on stands still in a moment, where a daemon
// runs; nothing leaves, whether that is seen here or not.
Result<Transfer> after_a_moment(Transfer transfer, Store& store, const std::string& database) {
    SystemClock clock;
    const Deadline deadline = Deadline::after(clock, moment);
    while (must_be_withdrawn(transfer) && !deadline.passed(clock)) {
        TRY_ASSIGN(const bool daemon_runs, sqlite_store_has_owner(database));
        if (!daemon_runs) break;
        clock.wait_until(clock.monotonic_now() + look_again, {});
        TRY_ASSIGN(std::optional<Transfer> found, store.find(transfer.id));
        if (found) transfer = std::move(*found);
    }
    return transfer;
}

// By whoever sits at this shell.
AskedEntry act(audit::Act::What what, const Transfer& transfer, const config::Config& config) {
    SystemRandom random;
    return entry_of(act_by(Actor::shell_user(), what, transfer, config, SystemClock().now()),
                    random);
}

// What was done is to be in the log: a daemon writes it down; where none runs, we do. The state is
// not to be open here meanwhile.
void write_down(const config::Config& config) {
    const std::unique_ptr<Log> log = make_stderr_log(Log::Level::Error);
    LoadedKnowledge knowledge =
        load_knowledge(config.knowledge, config.consent, expanding(config, AskTerminology::No));
    if (!knowledge.knowledge) return tell("consultd: the next daemon writes it into the audit log");
    const auto place = Workplace::open(config, std::move(*knowledge.knowledge), *log, 1);
    if (!place && place.error().kind() != ErrorKind::Busy)
        tell("consultd: the audit log is not written yet: " + place.error().message());
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
        items.push_back(transfer_json(transfer, *opened->visit.store, *opened->visit.sealer));
        lines += transfer_line(transfer) + "\n";
    }
    print_result(options.json ? fhir::Json::array(std::move(items)).print() + "\n" : lines);
    if (const std::string room = told_of_room(opened->config); !room.empty())
        tell("consultd status: " + room);
    return EX_OK;
}

int cancel(const StateOptions& options) {
    LoadedConfig loaded = load_config(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    Result<Opened> opened = open_state(*loaded.config);
    if (!opened) return fail("cancel", opened.error());
    Store& store = *opened->visit.store;
    const Result<std::optional<Transfer>> found = store.find(options.id);
    if (!found) return fail("cancel", found.error());
    if (!*found) return fail("cancel", "no transfer has this id", EX_NOINPUT);
    const Result<std::optional<Transfer>> asked = store.ask_withdrawal(
        options.id, SystemClock().now(), act(audit::Act::What::Cancel, **found, opened->config));
    if (!asked) return fail("cancel", asked.error());
    assert(*asked);
    const Result<Transfer> transfer = after_a_moment(**asked, store, database_file(opened->config));
    if (!transfer) return fail("cancel", transfer.error());
    tell("consultd cancel: " + told_of_wish(*transfer));
    const int code = show(options, opened->visit, *transfer);
    opened->visit = {};
    write_down(opened->config);
    return code;
}

int retry(const StateOptions& options) {
    LoadedConfig loaded = load_config(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    Result<Opened> opened = open_state(std::move(*loaded.config));
    if (!opened) return fail("retry", opened.error());
    Store& store = *opened->visit.store;
    const Result<std::optional<Transfer>> found = store.find(options.id);
    if (!found) return fail("retry", found.error());
    if (!*found) return fail("retry", "no transfer has this id", EX_NOINPUT);
    const Result<Transfer> decided = retried(**found, SystemClock().now());
    if (!decided) return fail("retry", decided.error());
    const Status changed = store.change((*found)->state, *decided, {},
                                        act(audit::Act::What::Retry, *decided, opened->config));
    if (!changed && changed.error().kind() == ErrorKind::Conflict)
        return fail("retry", "the transfer is being worked on; try again in a moment", EX_TEMPFAIL);
    if (!changed) return fail("retry", changed.error());
    const int code = show(options, opened->visit, *decided);
    opened->visit = {};
    write_down(opened->config);
    return code;
}

}  // namespace consultd::commands
