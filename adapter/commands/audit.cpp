// audit verify | list, receipt verify: what an outsider can check with our public key alone.
#include <sysexits.h>

#include <filesystem>

#include "adapter/audit/receipt.h"
#include "adapter/commands/commands.h"
#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"

namespace consultd::commands {
namespace {

using fhir::Json;

constexpr std::size_t key_bytes_max = 1 << 16;
constexpr std::size_t receipt_bytes_max = 1 << 20;
constexpr std::size_t bundle_bytes_max = std::size_t{3} << 30;

struct LogPlace {
    std::string folder;
    std::string origin;
    crypto::Key key;
};

Result<audit::Verifier> read_verifier(const std::string& file) {
    TRY_ASSIGN(std::string text, read_file(file, key_bytes_max));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return audit::parse_verifier(text);
}

// From a config, or from a folder and a public key: a copy anywhere can be verified.
Result<LogPlace> log_place(const AuditOptions& options,
                           const std::optional<config::Config>& config) {
    if (!config) {
        TRY_ASSIGN(audit::Verifier verifier, read_verifier(options.key_file));
        return LogPlace{options.folder, verifier.origin, std::move(verifier.key)};
    }
    TRY_ASSIGN(const crypto::Key key, read_audit_key(*config));
    TRY_ASSIGN(crypto::Key public_key, crypto::Key::from_ed25519_public(key.ed25519_public()));
    return LogPlace{audit_folder(*config), config->audit.origin, std::move(public_key)};
}

// A log that was cut back to an older checkpoint, or written anew with our key, verifies in itself;
// the state remembers what it has seen. Absent: there is no state, or it has seen none. Reads only,
// and needs no state key.
Result<std::optional<audit::Checkpoint>> seen_by_state(const config::Config& config,
                                                       const crypto::Key& key) {
    if (!std::filesystem::exists(database_file(config))) return std::optional<audit::Checkpoint>();
    TRY_ASSIGN(const std::unique_ptr<Store> store,
               open_sqlite_store(database_file(config), StoreRole::Visitor));
    return seen_checkpoint(*store, key);
}

int tell_verification(const audit::Verification& verified, bool json) {
    if (json) {
        Json out = Json::object({{"ok", Json(verified.ok())},
                                 {"size", Json(static_cast<std::int64_t>(verified.size))},
                                 {"root", verified.root_hex}});
        if (!verified.ok()) {
            out = out.with("where", verified.where).with("problem", verified.problem.view());
            if (verified.bad_entry)
                out = out.with("entry", Json(static_cast<std::int64_t>(*verified.bad_entry)));
        }
        print_result(out.print() + "\n");
    } else if (verified.ok()) {
        print_result("audit log verifies: " + std::to_string(verified.size) + " entries, root " +
                     verified.root_hex + "\n");
    } else {
        tell("audit log does NOT verify: " + verified.where + ": " + verified.problem.c_str() +
             (verified.bad_entry ? " (entry " + std::to_string(*verified.bad_entry) + ")" : ""));
    }
    return verified.ok() ? EX_OK : EX_DATAERR;
}

Json event_summary(std::uint64_t index, const Json& event) {
    std::vector<Json> subtypes;
    for (const fhir::JsonView& subtype : event["subtype"].items())
        subtypes.push_back(Json(subtype["code"].string()));
    std::string transfer;
    for (const fhir::JsonView& entity : event["entity"].items())
        if (entity.at("what", "identifier", "system").string() == "urn:consultd:transfer")
            transfer = entity.at("what", "identifier", "value").string();
    Json out = Json::object({{"index", Json(static_cast<std::int64_t>(index))},
                             {"recorded", event["recorded"].string()},
                             {"subtype", Json::array(std::move(subtypes))},
                             {"outcome", event["outcome"].string()}});
    return transfer.empty() ? out : out.with("transfer", transfer);
}

std::string summary_line(const Json& summary) {
    std::string line =
        std::string(summary["index"].number()) + "  " + std::string(summary["recorded"].string());
    for (const fhir::JsonView& code : summary["subtype"].items())
        line.append("  ").append(code.string());
    line.append("  outcome ").append(summary["outcome"].string());
    return line.append("  ").append(summary["transfer"].string());
}

}  // namespace

int audit_verify(const AuditOptions& options) {
    LoadedConfig loaded;
    if (!options.config_file.empty()) {
        loaded = load_config(options.config_file);
        if (!loaded.config) return loaded.exit_code;
    }
    const Result<LogPlace> place = log_place(options, loaded.config);
    if (!place) return fail("audit verify", place.error());
    // Before the log is read: a daemon may write to both meanwhile.
    const auto seen = loaded.config ? seen_by_state(*loaded.config, place->key)
                                    : Result<std::optional<audit::Checkpoint>>(std::nullopt);
    if (!seen) return fail("audit verify", seen.error());
    const Result<audit::Verification> verified =
        audit::verify_log(place->folder, place->origin, place->key, *seen);
    if (!verified) return fail("audit verify", verified.error());
    return tell_verification(*verified, options.json);
}

int audit_list(const AuditOptions& options) {
    LoadedConfig loaded;
    if (!options.config_file.empty()) {
        loaded = load_config(options.config_file);
        if (!loaded.config) return loaded.exit_code;
    }
    const Result<LogPlace> place = log_place(options, loaded.config);
    if (!place) return fail("audit list", place.error());
    std::vector<Json> items;
    const Status read = audit::read_log(
        place->folder, place->origin, place->key, [&](std::uint64_t index, std::string_view entry) {
            const Result<Json> event = Json::parse(std::string(entry));
            if (!event) return false;
            items.push_back(event_summary(index, *event));
            if (!options.json) print_result(summary_line(items.back()) + "\n");
            return true;
        });
    if (!read) {
        const int code = read.error().kind() == ErrorKind::Corrupt
                             ? EX_DATAERR
                             : exit_code_of(read.error().kind());
        return fail("audit list", read.error().message(), code);
    }
    if (options.json) print_result(Json::array(std::move(items)).print() + "\n");
    return EX_OK;
}

int receipt_verify(const ReceiptOptions& options) {
    const Result<std::string> receipt = read_file(options.receipt_file, receipt_bytes_max);
    if (!receipt) return fail("receipt verify", receipt.error());
    const Result<audit::Verifier> verifier = read_verifier(options.key_file);
    if (!verifier) return fail("receipt verify", verifier.error());
    std::string bundle;
    if (!options.bundle_file.empty()) {
        Result<std::string> read = read_file(options.bundle_file, bundle_bytes_max);
        if (!read) return fail("receipt verify", read.error());
        bundle = std::move(*read);
    }
    // No bundle is another thing than an empty one: the latter is compared, and fails.
    const std::string_view given =
        options.bundle_file.empty() ? std::string_view() : std::string_view(bundle);
    const Result<audit::ReceiptFacts> facts = audit::verify_receipt(*receipt, *verifier, given);
    if (!facts) return fail("receipt verify", facts.error().message(), EX_DATAERR);
    if (options.json) {
        print_result(Json::object({{"ok", Json(true)},
                                   {"transfer", facts->transfer_id},
                                   {"destination", facts->destination_name},
                                   {"recorded", facts->recorded},
                                   {"outcome", facts->outcome},
                                   {"bundle", facts->bundle_identifier},
                                   {"sha256", facts->bundle_hash},
                                   {"index", Json(static_cast<std::int64_t>(facts->index))},
                                   {"size", Json(static_cast<std::int64_t>(facts->size))}})
                         .print() +
                     "\n");
    } else {
        print_result("receipt verifies: transfer " + facts->transfer_id + " to " +
                     facts->destination_name + ", " + facts->outcome + " at " + facts->recorded +
                     "\n  document " + facts->bundle_identifier + ", SHA-256 " +
                     facts->bundle_hash +
                     (options.bundle_file.empty() ? "" : ", which the bundle has") + "\n  entry " +
                     std::to_string(facts->index) + " of " + std::to_string(facts->size) +
                     " in the audit log\n");
    }
    return EX_OK;
}

}  // namespace consultd::commands
