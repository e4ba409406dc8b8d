#include "adapter/commands/config_files.h"

#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"
#include "adapter/stages/authorize.h"
#include "adapter/web/operators.h"
#include "adapter/web/server/server.h"

namespace consultd::commands {
namespace {

class Checks {
public:
    // `result`: a Result or a Status.
    void add(const std::string& path, const std::string& file, const auto& result) {
        if (result.ok()) return;
        tell(path + " " + file + ": " + result.error().message());
        ++problems_;
    }
    int problems() const { return problems_; }

private:
    int problems_ = 0;
};

void check_auth(const std::string& path, const config::Auth& auth, Checks& checks) {
    if (auth.type == config::Auth::Type::Bearer)
        checks.add(path + "/tokenFile", auth.token_file, fixed_authorization(auth));
    if (auth.type == config::Auth::Type::Basic)
        checks.add(path + "/passwordFile", auth.password_file, fixed_authorization(auth));
    if (auth.type == config::Auth::Type::SmartBackend)
        checks.add(path + "/keyFile", auth.key_file, read_client_key(auth));
}

void check_tls(const std::string& path, const config::Tls& tls, Checks& checks) {
    SystemClock clock;
    checks.add(path, tls.ca_file,
               fhir::make_http_transport({.ca_file = tls.ca_file,
                                          .certificate_file = tls.certificate_file,
                                          .key_file = tls.key_file},
                                         clock));
}

void check_listen(const config::Listen& listen, Checks& checks) {
    const Result<web::Operators> operators = web::Operators::read(listen);
    const auto which = operators ? std::nullopt : operators.error().number("operator");
    if (which) {
        const std::string path = "/listen/operators/" + std::to_string(*which) + "/tokenHashFile";
        checks.add(path, listen.operators[static_cast<std::size_t>(*which)].token_hash_file,
                   operators);
    }
    if (!listen.certificate_file.empty())
        checks.add("/listen/tls", listen.certificate_file,
                   web::check_tls_files({.certificate_file = listen.certificate_file,
                                         .key_file = listen.key_file,
                                         .client_ca_file = listen.client_ca_file}));
}

}  // namespace

int check_config_files(const config::Config& config) {
    Checks checks;
    SystemRandom random;
    checks.add("/state/keyFile", config.state.key_file, read_state_key(config, random));
    checks.add("/audit/keyFile", config.audit.key_file, read_audit_key(config));
    check_listen(config.listen, checks);
    for (const auto& [key, source] : config.sources) {
        check_auth("/sources/" + key + "/auth", source.auth, checks);
        check_tls("/sources/" + key + "/tls", source.tls, checks);
    }
    for (const auto& [key, destination] : config.destinations) {
        check_auth("/destinations/" + key + "/auth", destination.auth, checks);
        check_tls("/destinations/" + key + "/tls", destination.tls, checks);
    }
    return checks.problems();
}

}  // namespace consultd::commands
