// SMART discovery: where a FHIR server's authorization server is and what it offers.
// https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
#pragma once

#include <optional>
#include <set>
#include <string>

#include "fhir/client/http.h"

namespace consultd::fhir {

struct SmartConfiguration {
    Url token_endpoint;
    std::string token_endpoint_text;  // as the server wrote it: the audience of our assertions
    std::set<std::string, std::less<>> capabilities;
    std::set<std::string, std::less<>> grant_types;
    std::set<std::string, std::less<>> scopes;  // a hint: more may be granted
    // For a person's sign-in, as far as the server has them; each may be told a secret.
    std::optional<Url> authorization_endpoint, revocation_endpoint, jwks_uri, registration_endpoint;
    std::string issuer;                // of its id_tokens, and of its answers (RFC 9207)
    bool answers_name_issuer = false;  // it says that each of them does
    std::set<std::string, std::less<>> challenges;      // of PKCE: "S256"
    std::set<std::string, std::less<>> client_methods;  // token_endpoint_auth_methods_supported

    bool can(std::string_view capability) const { return capabilities.contains(capability); }
};

// Unsupported: the server has no such document. Malformed: it is no JSON object, has no token
// endpoint, or one to which no secret may go: neither https nor, for a FHIR server on a loopback
// address, http on one.
Result<SmartConfiguration> discover_smart(const Url& fhir_base, HttpTransport& transport,
                                          Clock& clock, Deadline deadline, std::stop_token stop);
// The same, of a server too old for that document: from its CapabilityStatement (SMART 1.0's
// `oauth-uris`), which says less.
Result<SmartConfiguration> discover_sign_in(const Url& fhir_base, HttpTransport& transport,
                                            Clock& clock, Deadline deadline, std::stop_token stop);

}  // namespace consultd::fhir
