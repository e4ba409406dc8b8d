#include "adapter/stages/authorize.h"

#include <algorithm>

#include "fhir/base/jws.h"
#include "fhir/client/smart_backend.h"

namespace consultd {
namespace {

// A value that does not change: a bearer token, a user with a password, or nothing at all.
class FixedCredentials final : public fhir::Credentials {
public:
    FixedCredentials(fhir::Url base, std::optional<Secret> value)
        : base_(std::move(base)), value_(std::move(value)) {}
    Result<std::optional<std::string>> authorization(const fhir::Url& url, Deadline,
                                                     std::stop_token) override {
        std::optional<std::string> value;
        if (value_ && url.same_origin(base_)) value = value_->reveal();
        return value;
    }
    void refused(std::string_view) override {}

private:
    fhir::Url base_;
    std::optional<Secret> value_;
};

using Made = Result<std::unique_ptr<fhir::Credentials>>;

Made fixed(const fhir::Url& base, std::optional<Secret> value) {
    return std::unique_ptr<fhir::Credentials>(
        std::make_unique<FixedCredentials>(base, std::move(value)));
}

Made smart_backend(const config::Auth& auth, const fhir::Url& base, fhir::HttpTransport& transport,
                   Clock& clock, Random& random) {
    TRY_ASSIGN(crypto::Key key, read_client_key(auth));
    return std::unique_ptr<fhir::Credentials>(std::make_unique<fhir::SmartBackend>(
        base, fhir::SmartBackendSettings{auth.client_id, auth.scope}, std::move(key), transport,
        clock, random));
}

}  // namespace

Result<crypto::Key> read_client_key(const config::Auth& auth) {
    TRY_ASSIGN(const Secret pem, read_secret_file(auth.key_file));
    TRY_ASSIGN(crypto::Key key, crypto::Key::from_private_pem(pem));
    if (key.type() == crypto::Key::Type::Ed25519 || jws::algorithm_of(key) != auth.algorithm)
        return Error(ErrorKind::Config, "the client key does not fit the algorithm");
    return key;
}

Result<fhir::SmartClient> read_smart_client(const config::Auth& auth) {
    fhir::SmartClient client{.client_id = auth.client_id};
    if (!auth.key_file.empty()) {
        TRY_ASSIGN(client.key, read_client_key(auth));
    }
    if (!auth.client_secret_file.empty()) {
        TRY_ASSIGN(client.secret, read_secret_file(auth.client_secret_file));
    }
    return client;
}

Result<std::optional<Secret>> fixed_authorization(const config::Auth& auth) {
    if (auth.type == config::Auth::Type::Bearer) {
        TRY_ASSIGN(const Secret token, read_secret_file(auth.token_file));
        const auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
        if (token.reveal().empty() || !std::ranges::all_of(token.reveal(), is_visible))
            return Error(ErrorKind::Config, "the token is empty, or has a space or line break");
        return std::optional(Secret("Bearer " + std::string(token.reveal())));
    }
    if (auth.type == config::Auth::Type::Basic) {
        TRY_ASSIGN(const Secret password, read_secret_file(auth.password_file));
        if (auth.user.find(':') != std::string::npos)
            return Error(ErrorKind::Config, "the user's name has a colon");
        const Secret pair(auth.user + ":" + std::string(password.reveal()));
        return std::optional(Secret("Basic " + crypto::base64(pair.reveal())));
    }
    return std::optional<Secret>();
}

Made make_credentials(const config::Auth& auth, const fhir::Url& fhir_base_url,
                      fhir::HttpTransport& transport, Clock& clock, Random& random) {
    switch (auth.type) {
        case config::Auth::Type::None:
        case config::Auth::Type::SmartPatient:
        case config::Auth::Type::Bearer:
        case config::Auth::Type::Basic: {
            TRY_ASSIGN(std::optional<Secret> value, fixed_authorization(auth));
            return fixed(fhir_base_url, std::move(value));
        }
        case config::Auth::Type::SmartBackend:
            return smart_backend(auth, fhir_base_url, transport, clock, random);
    }
    return Error(ErrorKind::Config, "the kind of authorization is none of ours");
}

}  // namespace consultd
