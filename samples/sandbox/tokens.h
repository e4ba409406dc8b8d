// Tokens: a SMART Backend Services authorization server with registered clients
// (https://hl7.org/fhir/smart-app-launch/backend-services.html,
// client-confidential-asymmetric.html): takes signed assertions once, gives opaque random tokens
// for five minutes. Knows no HTTP.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/base/crypto.h"
#include "fhir/json.h"
#include "samples/sandbox/search.h"

namespace consultd::sandbox {

struct Grant {
    std::vector<std::string> scopes;
    Instant expires;
    std::uint64_t uses = 0;
    std::string patient = {};  // the one whom it is for; empty: it is no patient's own
    // `right`: one of c r u d s.
    bool allows(std::string_view type, char right) const;
};

class Tokens {
public:
    Tokens(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

    // Config: the text is no JWK set with an RSA or P-384 key. `scopes`: all that may be granted.
    Status add_client(const std::string& client_id, std::string jwks,
                      std::vector<std::string> scopes);
    void set_token_url(std::string url) { token_url_ = std::move(url); }

    // The token response. Unauthorized or Malformed, with `oauth`, the RFC 6749 §5.2 error code.
    Result<fhir::Json> grant(const Parameters& form);
    // A token of a patient's own sign-in.
    std::string issue(std::vector<std::string> scopes, const std::string& patient);
    // Null: unknown or expired. Counts a use.
    const Grant* use(std::string_view token);
    void revoke(std::string_view token);

private:
    struct Client {
        std::map<std::string, crypto::Key> keys;  // by kid
        std::vector<std::string> scopes;
    };
    Status check_assertion(std::string_view client_id_hint, std::string_view assertion,
                           std::string& client_id);
    Status check_claims(const fhir::Json& claims, const std::string& client_id);
    void forget_expired();

    const Clock& clock_;
    Random& random_;
    std::string token_url_;
    std::map<std::string, Client> clients_;
    std::map<std::string, Instant> seen_;  // client and jti → when it may be forgotten
    std::map<std::string, Grant, std::less<>> grants_;
};

}  // namespace consultd::sandbox
