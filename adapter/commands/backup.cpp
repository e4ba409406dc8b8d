// backup, restore: the state and its audit log as one folder, and back. The keys are not in it:
// whoever has the folder alone can open nothing of a record.
#include <sysexits.h>

#include <filesystem>

#include "adapter/audit/copy_log.h"
#include "adapter/commands/commands.h"
#include "adapter/commands/packet_folder.h"
#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"
#include "adapter/store/sqlite_backup.h"

namespace consultd::commands {
namespace {

namespace fs = std::filesystem;

std::string database_in(const std::string& folder) {
    return (fs::path(folder) / "consultd.db").string();
}
std::string log_in(const std::string& folder) { return (fs::path(folder) / "audit").string(); }

Result<audit::Checkpoint> copy_audit(const std::string& from, const std::string& into,
                                     const config::Config& config) {
    TRY_ASSIGN(const crypto::Key key, read_audit_key(config));
    TRY_ASSIGN(const audit::DurableFolder log, audit::DurableFolder::open(from));
    TRY_ASSIGN(audit::DurableFolder copy, audit::DurableFolder::open_or_make(into));
    return copy_log(log, std::move(copy), config.audit.origin, key);
}

// The state is copied before the log: a log that has more is asked about at the next start, a log
// that has less is taken for one that was cut.
Result<audit::Checkpoint> back_up(const config::Config& config, const std::string& folder) {
    SystemRandom random;
    TRY(visit(config, random));  // the state is there, and its keys are these
    TRY(make_folder(folder));
    TRY(copy_sqlite_store(database_file(config), database_in(folder)));
    return copy_audit(audit_folder(config), log_in(folder), config);
}

// What was put in place is what this configuration can open, and fits together.
Status check_restored(const config::Config& config) {
    SystemRandom random;
    TRY_ASSIGN(const Visit opened, visit(config, random));
    TRY_ASSIGN(const crypto::Key key, read_audit_key(config));
    TRY_ASSIGN(const std::optional<audit::Checkpoint> seen, seen_checkpoint(*opened.store, key));
    TRY_ASSIGN(const audit::Verification verified,
               audit::verify_log(audit_folder(config), config.audit.origin, key, seen));
    return verified.ok() ? Status() : Error(ErrorKind::Corrupt, verified.problem);
}

// The log first: a database without its log would be served as if nothing had ever been sent.
Status put_back(const config::Config& config, const std::string& folder) {
    TRY(make_folder(config.state.directory));
    TRY(copy_audit(log_in(folder), audit_folder(config), config));
    std::error_code failed;
    const std::string file = database_file(config);
    TRY_ASSIGN(const std::string bytes,
               read_file(database_in(folder), fs::file_size(database_in(folder), failed) + 1));
    TRY(write_file(file, bytes));
    return check_restored(config);
}

bool has_state(const config::Config& config) {
    std::error_code ignored;
    return fs::exists(database_file(config), ignored) || fs::exists(audit_folder(config), ignored);
}

}  // namespace

int backup(const BackupOptions& options) {
    const LoadedConfig loaded = load_config(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    if (const std::string wrong = wrong_folder(options.folder, *loaded.config); !wrong.empty())
        return fail("backup", wrong, EX_USAGE);
    const Result<audit::Checkpoint> log = back_up(*loaded.config, options.folder);
    if (!log) return fail("backup", log.error());
    print_result(
        "state and log (" + std::to_string(log->size) + " entries): " + options.folder +
        "\nnot in it: the configuration and the keys that it names; keep them elsewhere\n");
    return EX_OK;
}

int restore(const BackupOptions& options) {
    const LoadedConfig loaded = load_config(options.config_file);
    if (!loaded.config) return loaded.exit_code;
    const config::Config& config = *loaded.config;
    if (!fs::exists(database_in(options.folder)) || !fs::exists(log_in(options.folder)))
        return fail("restore", options.folder + " is no backup", EX_NOINPUT);
    if (has_state(config))
        return fail("restore", config.state.directory + " has a state already; move it away first",
                    EX_CANTCREAT);
    if (const Status done = put_back(config, options.folder); !done) {
        std::error_code ignored;
        fs::remove(database_file(config), ignored);
        fs::remove_all(audit_folder(config), ignored);
        return fail("restore", done.error());
    }
    print_result(
        "restored. What was under way is asked about at its destination before anything is sent\n");
    return EX_OK;
}

}  // namespace consultd::commands
