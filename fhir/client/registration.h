// Dynamic registration: how a server that lets apps register themselves comes to know us, where
// nobody has told it. Owns nothing; what it gives is kept by the caller, and is a secret.
// https://www.rfc-editor.org/rfc/rfc7591
#pragma once

#include <optional>
#include <string>

#include "fhir/base/crypto.h"
#include "fhir/client/smart_discovery.h"
#include "fhir/json.h"

namespace consultd::fhir {

// What we say of ourselves.
struct ClientMetadata {
    std::string name;  // as patients read it at the server's sign-in
    std::string redirect_uri;
    std::string scope;
    std::optional<std::string> jwks = {};  // our public keys, where we have any
};

struct RegisteredClient {
    std::string client_id;
    Secret secret;                        // empty: there is none
    std::optional<Instant> secret_until;  // absent: it does not end
};

// A JWK Set where we have keys, else a secret where the server takes one, else the name alone.
// Unsupported: the server has no place to register, or what it gave is nothing that we can use.
// Forbidden: it does not want us. Uncertain: the answer was lost; asking again makes another
// client.
Result<RegisteredClient> register_client(const SmartConfiguration& server,
                                         const ClientMetadata& about_us, HttpTransport& transport,
                                         const Clock& clock, Deadline deadline,
                                         std::stop_token stop);

// To be sealed, with where it is good: for that FHIR base and that redirect address alone.
std::string text_of(const RegisteredClient& client, const Url& fhir_base,
                    const std::string& redirect_uri);
// Absent: it is none, or one of elsewhere.
std::optional<RegisteredClient> registered_client(std::string text, const Url& fhir_base,
                                                  const std::string& redirect_uri);

}  // namespace consultd::fhir
