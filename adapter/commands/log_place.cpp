#include "adapter/commands/log_place.h"

#include <sysexits.h>

#include <filesystem>

#include "adapter/commands/report.h"

namespace consultd::commands {
namespace {

constexpr std::size_t key_bytes_max = 1 << 16;

// Reads only, and needs no state key. Before the log is read: a daemon may write to both meanwhile.
Result<std::optional<audit::Checkpoint>> seen_by_state(const config::Config& config,
                                                       const crypto::Key& key) {
    if (!std::filesystem::exists(database_file(config))) return std::optional<audit::Checkpoint>();
    TRY_ASSIGN(const std::unique_ptr<Store> store,
               open_sqlite_store(database_file(config), StoreRole::Visitor));
    return seen_checkpoint(*store, key);
}

Result<LogPlace> place_of(const AuditOptions& options, std::optional<config::Config> config) {
    if (!config) {
        TRY_ASSIGN(audit::Verifier verifier, read_verifier(options.key_file));
        return LogPlace{options.folder, verifier.origin, std::move(verifier.key)};
    }
    TRY_ASSIGN(const crypto::Key key, read_audit_key(*config));
    TRY_ASSIGN(crypto::Key public_key, crypto::Key::from_ed25519_public(key.ed25519_public()));
    TRY_ASSIGN(std::optional<audit::Checkpoint> seen, seen_by_state(*config, public_key));
    std::string folder = audit_folder(*config), origin = config->audit.origin;
    return LogPlace{std::move(folder), std::move(origin), std::move(public_key), std::move(config),
                    std::move(seen)};
}

}  // namespace

Result<audit::Verifier> read_verifier(const std::string& file) {
    TRY_ASSIGN(std::string text, read_file(file, key_bytes_max));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return audit::parse_verifier(text);
}

FoundLog find_log(const AuditOptions& options, std::string_view command) {
    LoadedConfig loaded;
    if (!options.config_file.empty()) {
        loaded = load_config(options.config_file);
        if (!loaded.config) return {std::nullopt, loaded.exit_code};
    }
    Result<LogPlace> place = place_of(options, std::move(loaded.config));
    if (!place)
        return {std::nullopt, fail(command, place.error().message(),
                                   place.error().kind() == ErrorKind::Malformed
                                       ? EX_DATAERR
                                       : exit_code_of(place.error().kind()))};
    return {std::move(*place), EX_OK};
}

int visit_log(const LogPlace& place, std::string_view command,
              const std::function<void(std::uint64_t, const fhir::Json& event)>& visit) {
    const Status read = audit::read_log(
        place.folder, place.origin, place.key,
        [&](std::uint64_t index, std::string_view entry) {
            const Result<fhir::Json> event = fhir::Json::parse(std::string(entry));
            if (event) visit(index, *event);
            return event.ok();
        },
        place.seen);
    if (read) return EX_OK;
    const int code =
        read.error().kind() == ErrorKind::Corrupt ? EX_DATAERR : exit_code_of(read.error().kind());
    return fail(command, read.error().message(), code);
}

}  // namespace consultd::commands
