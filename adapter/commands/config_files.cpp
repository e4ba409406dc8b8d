#include "adapter/commands/config_files.h"

#include "adapter/commands/report.h"
#include "adapter/commands/workplace.h"
#include "adapter/web/operators.h"

namespace consultd::commands {
namespace {

class Checks {
public:
    template <class T>
    void add(const std::string& path, const std::string& file, const Result<T>& result) {
        if (result) return;
        tell(path + " " + file + ": " + result.error().message());
        ++problems_;
    }
    int problems() const { return problems_; }

private:
    int problems_ = 0;
};

void check_auth(const std::string& path, const config::Auth& auth, Checks& checks) {
    if (auth.type == config::Auth::Type::Bearer)
        checks.add(path + "/tokenFile", auth.token_file, read_secret_file(auth.token_file));
    if (auth.type == config::Auth::Type::Basic)
        checks.add(path + "/passwordFile", auth.password_file,
                   read_secret_file(auth.password_file));
    if (auth.type != config::Auth::Type::SmartBackend) return;
    const Result<crypto::Key> key = [&]() -> Result<crypto::Key> {
        TRY_ASSIGN(const Secret pem, read_secret_file(auth.key_file));
        TRY_ASSIGN(crypto::Key read, crypto::Key::from_private_pem(pem));
        const auto wanted =
            auth.algorithm == "ES384" ? crypto::Key::Type::EcP384 : crypto::Key::Type::Rsa;
        if (read.type() != wanted)
            return Error(ErrorKind::Config, "the key does not fit the algorithm");
        return read;
    }();
    checks.add(path + "/keyFile", auth.key_file, key);
}

void check_tls(const std::string& path, const config::Tls& tls, Checks& checks) {
    SystemClock clock;
    checks.add(path, tls.ca_file,
               fhir::make_http_transport({.ca_file = tls.ca_file,
                                          .certificate_file = tls.certificate_file,
                                          .key_file = tls.key_file},
                                         clock));
}

}  // namespace

int check_config_files(const config::Config& config) {
    Checks checks;
    SystemRandom random;
    checks.add("/state/keyFile", config.state.key_file, read_state_key(config, random));
    checks.add("/audit/keyFile", config.audit.key_file, read_audit_key(config));
    checks.add("/listen/operators", "", web::Operators::read(config.listen));
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
