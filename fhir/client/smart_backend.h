// SMART Backend Services: an access token for a daemon, got with a signed assertion and used for
// one FHIR server, by any number of threads. Owns the token; keeps it in memory only.
// https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
#pragma once

#include <optional>
#include <string>

#include "fhir/base/asked_once.h"
#include "fhir/base/crypto.h"
#include "fhir/base/random.h"
#include "fhir/client/fhir_client.h"
#include "fhir/client/smart_discovery.h"

namespace consultd::fhir {

struct SmartBackendSettings {
    std::string client_id;
    std::string scope;  // "system/*.rs"
};

class SmartBackend final : public Credentials {
public:
    // The key says the algorithm: RSA signs RS384, P-384 signs ES384. The references must outlive
    // this.
    SmartBackend(Url fhir_base, SmartBackendSettings settings, crypto::Key key,
                 HttpTransport& transport, Clock& clock, Random& random);

    // "Bearer …" for the FHIR base's origin; absent for any other. Discovers and asks for a token
    // where there is none that is good for a while yet. Forbidden, with the detail `oauth`: the
    // authorization server refuses this client, its key or its scope; a person must act.
    Result<std::optional<std::string>> authorization(const Url& url, Deadline deadline,
                                                     std::stop_token stop) override;
    void refused(std::string_view authorization) override;
    // It may be less than was asked for. Absent: what was asked for are no scopes of SMART's, so
    // that nothing can be read from them.
    Result<std::optional<std::string>> granted_scope(Deadline deadline,
                                                     std::stop_token stop) override;

private:
    struct Token {
        Secret authorization;
        MonotonicTime use_until;
        std::string scope;
    };
    Result<Token> token(Deadline deadline, std::stop_token stop);
    Result<Token> request_token(Deadline deadline, std::stop_token stop);

    Url fhir_base_;
    SmartBackendSettings settings_;
    crypto::Key key_;
    HttpTransport& transport_;
    Clock& clock_;
    Random& random_;
    AskedOnce<Token> token_;
    std::optional<SmartConfiguration> configuration_;  // of the one who asks
};

}  // namespace consultd::fhir
