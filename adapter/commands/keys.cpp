// keys generate | rotate | jwks: makes the keys that the config names and that do not exist yet;
// adds a state key; prints our public set for the EHRs that we authenticate to.
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "adapter/audit/checkpoint.h"
#include "adapter/commands/commands.h"
#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"
#include "adapter/stages/authorize.h"
#include "fhir/base/jws.h"

namespace consultd::commands {
namespace {

constexpr std::size_t key_file_bytes_max = 1 << 20;

Error no_key_file() { return Error(ErrorKind::Storage, "a key file cannot be written"); }

Status sync(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    return synced ? Status() : no_key_file();
}

// Never over a file that is there; durable, its name too, before we say that it is made. A state
// key that is lost takes all that was sealed with it.
Status write_new_secret(const std::string& file, std::string_view bytes) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return Error(ErrorKind::Storage, "a key file cannot be made");
    ::close(descriptor);
    Status written = write_file(file, bytes);
    if (written) written = sync(file, O_RDONLY);
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    if (written) written = sync(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
    // Half a key would be taken for a key that is there.
    if (!written) ::unlink(file.c_str());
    return written;
}

Status make_key(const std::string& file, crypto::Key::Type type, std::string_view what) {
    if (std::filesystem::exists(file)) {
        tell("there already: " + file);
        return {};
    }
    TRY_ASSIGN(const crypto::Key key, crypto::Key::generate(type));
    TRY(write_new_secret(file, key.private_pem().reveal()));
    tell("made: " + file + " (" + std::string(what) + ")");
    return {};
}

bool has_client_key(const config::Auth& auth) {
    return !auth.key_file.empty() && (auth.type == config::Auth::Type::SmartBackend ||
                                      auth.type == config::Auth::Type::SmartPatient);
}

Status make_client_key(const config::Auth& auth) {
    if (!has_client_key(auth)) return {};
    return auth.algorithm == "ES384"
               ? make_key(auth.key_file, crypto::Key::Type::EcP384, "client key, ES384")
               : make_key(auth.key_file, crypto::Key::Type::Rsa, "client key, RS384");
}

// What verifies our receipts and our log, whoever has them: it is no secret, and no other takes its
// place.
Status write_verifier(const config::Config& config, const crypto::Key& audit_key) {
    const std::string file = config.audit.key_file + ".pub";
    const std::string verifier = audit::verifier_key(config.audit.origin, audit_key) + "\n";
    if (!std::filesystem::exists(file)) return write_file(file, verifier);
    const Result<std::string> there = read_file(file, key_file_bytes_max);
    if (there && *there == verifier) return {};
    return Error(
        ErrorKind::Storage,
        "the audit key has a .pub beside it that is of another key or origin: receipts may "
        "be out that it alone verifies; put the old audit key back, or that file aside");
}

Status make_audit_key(const config::Config& config) {
    const bool has_key = std::filesystem::exists(config.audit.key_file);
    if (!has_key && std::filesystem::exists(audit_folder(config) + "/checkpoint"))
        return Error(ErrorKind::Storage,
                     "the audit key is gone and the log is there: a new key would sign none of it; "
                     "put the old key back, or the state aside");
    if (!has_key && std::filesystem::exists(config.audit.key_file + ".pub"))
        return Error(
            ErrorKind::Storage,
            "the audit key is gone and its .pub is there: receipts may be out that it alone "
            "verifies; put the old key back, or that file aside");
    TRY(make_key(config.audit.key_file, crypto::Key::Type::Ed25519, "audit key"));
    TRY_ASSIGN(const crypto::Key audit_key, read_audit_key(config));
    return write_verifier(config, audit_key);
}

Status make_all(const config::Config& config) {
    SystemRandom random;
    if (std::filesystem::exists(config.state.key_file)) {
        tell("there already: " + config.state.key_file);
    } else if (std::filesystem::exists(database_file(config))) {
        return Error(ErrorKind::Storage,
                     "the state key is gone and the state is there: a new key would open nothing "
                     "of it; put the old key back, or the state aside");
    } else {
        TRY(write_new_secret(config.state.key_file, crypto::hex(random.bytes(32)) + "\n"));
        tell("made: " + config.state.key_file + " (state key)");
    }
    TRY(make_audit_key(config));
    for (const auto& [key, source] : config.sources) TRY(make_client_key(source.auth));
    for (const auto& [key, directory] : config.directories) TRY(make_client_key(directory.auth));
    for (const auto& [key, destination] : config.destinations)
        TRY(make_client_key(destination.auth));
    return {};
}

}  // namespace

int keys_generate(const std::string& config_file) {
    const LoadedConfig loaded = load_config(config_file);
    if (!loaded.config) return loaded.exit_code;
    const Status made = make_all(*loaded.config);
    if (!made) {
        const int code = made.error().kind() == ErrorKind::Storage
                             ? EX_CANTCREAT
                             : exit_code_of(made.error().kind());
        return fail("keys generate", made.error().message(), code);
    }
    print_result(loaded.config->audit.key_file + ".pub\n");
    return EX_OK;
}

// The new key is the file's last line: it seals once the owner of the state has started with it,
// and the older ones still open what they sealed.
int keys_rotate(const std::string& config_file) {
    const LoadedConfig loaded = load_config(config_file);
    if (!loaded.config) return loaded.exit_code;
    const std::string& file = loaded.config->state.key_file;
    SystemRandom random;
    if (const Result<crypto::Sealer> keys = read_state_keys(*loaded.config, random); !keys)
        return fail("keys rotate", keys.error());
    const Result<std::string> old = read_file(file, key_file_bytes_max);
    if (!old) return fail("keys rotate", old.error());
    const std::string end = old->ends_with('\n') ? "" : "\n";
    Status written = write_file(file, *old + end + crypto::hex(random.bytes(32)) + "\n");
    if (written) written = sync(file, O_RDONLY);
    if (!written) return fail("keys rotate", written.error().message(), EX_CANTCREAT);
    print_result("a new state key: it seals from the daemon's next start on; keep the old lines\n");
    return EX_OK;
}

Result<std::string> public_jwks_of(const config::Config& config) {
    std::vector<crypto::Key> keys;
    std::vector<std::string> files;
    const auto add = [&](const config::Auth& auth) -> Status {
        if (!has_client_key(auth) ||
            std::find(files.begin(), files.end(), auth.key_file) != files.end())
            return {};
        TRY_ASSIGN(crypto::Key key, read_client_key(auth));
        keys.push_back(std::move(key));
        files.push_back(auth.key_file);
        return {};
    };
    for (const auto& [key, source] : config.sources) TRY(add(source.auth));
    for (const auto& [key, directory] : config.directories) TRY(add(directory.auth));
    for (const auto& [key, destination] : config.destinations) TRY(add(destination.auth));
    return jws::public_jwks(keys);
}

int keys_jwks(const std::string& config_file) {
    const LoadedConfig loaded = load_config(config_file);
    if (!loaded.config) return loaded.exit_code;
    const Result<std::string> jwks = public_jwks_of(*loaded.config);
    if (!jwks) return fail("keys jwks", jwks.error());
    print_result(*jwks + "\n");
    return EX_OK;
}

}  // namespace consultd::commands
