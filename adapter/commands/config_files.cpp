#include "adapter/commands/config_files.h"

#include <filesystem>

#include "adapter/stages/authorize.h"
#include "adapter/web/operators.h"
#include "adapter/web/server/server.h"
#include "config/schema_check.h"

namespace consultd::commands {
namespace {

class Checks {
public:
    // `result`: a Result or a Status.
    void add(const std::string& path, const std::string& file, const auto& result) {
        // What is not named is for the schema to say.
        if (!result.ok() && !file.empty())
            problems_.push_back({path, file + ": " + result.error().message()});
    }
    std::vector<config::Problem> problems() && { return std::move(problems_); }

private:
    std::vector<config::Problem> problems_;
};

// Who can write there can put another state in its place; not where the sticky bit lets nobody move
// what is not theirs.
Status for_us_alone(const std::string& folder) {
    using std::filesystem::perms;
    std::error_code error;
    const auto status = std::filesystem::status(folder, error);
    const perms mode = status.permissions();
    const bool is_open = std::filesystem::exists(status) &&
                         (mode & (perms::others_write | perms::sticky_bit)) == perms::others_write;
    return is_open ? Error(ErrorKind::Config, "everybody may write there") : Status();
}

void check_auth(const std::string& path, const config::Auth& auth, Checks& checks) {
    if (auth.type == config::Auth::Type::Bearer)
        checks.add(path + "/tokenFile", auth.token_file, fixed_authorization(auth));
    if (auth.type == config::Auth::Type::Basic)
        checks.add(path + "/passwordFile", auth.password_file, fixed_authorization(auth));
    if (auth.type == config::Auth::Type::SmartPatient)
        checks.add(auth.key_file.empty() ? path + "/clientSecretFile" : path + "/keyFile",
                   auth.key_file + auth.client_secret_file, read_smart_client(auth));
    if (auth.type == config::Auth::Type::SmartBackend)
        checks.add(path + "/keyFile", auth.key_file, read_client_key(auth));
}

void check_tls(const std::string& path, const config::Tls& tls, Checks& checks) {
    SystemClock clock;
    checks.add(path, tls.ca_file.empty() ? tls.certificate_file : tls.ca_file,
               fhir::make_http_transport({.ca_file = tls.ca_file,
                                          .certificate_file = tls.certificate_file,
                                          .key_file = tls.key_file},
                                         clock));
}

void check_listen(const config::Listen& listen, Checks& checks) {
    for (std::size_t i = 0; i < listen.operators.size(); ++i) {
        const config::Operator& one = listen.operators[i];
        checks.add("/listen/operators/" + std::to_string(i) + "/tokenHashFile", one.token_hash_file,
                   web::Operators::read({.operators = {listen.operators.begin(),
                                                       listen.operators.begin() +
                                                           static_cast<std::ptrdiff_t>(i + 1)}}));
    }
    if (!listen.certificate_file.empty())
        checks.add("/listen/tls", listen.certificate_file,
                   web::check_tls_files({.certificate_file = listen.certificate_file,
                                         .key_file = listen.key_file,
                                         .client_ca_file = listen.client_ca_file}));
}

std::vector<config::Problem> check_files(const config::Config& config) {
    Checks checks;
    SystemRandom random;
    checks.add("/state/directory", config.state.directory, for_us_alone(config.state.directory));
    checks.add("/state/keyFile", config.state.key_file, read_state_keys(config, random));
    checks.add("/audit/keyFile", config.audit.key_file, read_audit_key(config));
    check_listen(config.listen, checks);
    for (const auto& [key, source] : config.sources) {
        check_auth("/sources" + config::pointer_step(key) + "/auth", source.auth, checks);
        check_tls("/sources" + config::pointer_step(key) + "/tls", source.tls, checks);
    }
    for (const auto& [key, directory] : config.directories) {
        check_auth("/directories" + config::pointer_step(key) + "/auth", directory.auth, checks);
        check_tls("/directories" + config::pointer_step(key) + "/tls", directory.tls, checks);
    }
    for (const auto& [key, destination] : config.destinations) {
        check_auth("/destinations" + config::pointer_step(key) + "/auth", destination.auth, checks);
        check_tls("/destinations" + config::pointer_step(key) + "/tls", destination.tls, checks);
    }
    if (const auto& server = config.knowledge.terminology) {
        check_auth("/knowledge/terminology/auth", server->auth, checks);
        check_tls("/knowledge/terminology/tls", server->tls, checks);
    }
    return std::move(checks).problems();
}

}  // namespace

LoadedConfig load_config_and_files(const std::string& file, AskTerminology ask) {
    return load_config_and_knowledge(file, check_files, ask);
}

}  // namespace consultd::commands
