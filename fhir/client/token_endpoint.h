// The token endpoint of an authorization server: what goes there and what its answer means, for all
// grants. Owns nothing; what is asked for is the caller's.
// https://www.rfc-editor.org/rfc/rfc6749#section-5,
// https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fhir/base/crypto.h"
#include "fhir/base/random.h"
#include "fhir/client/http.h"
#include "fhir/json.h"

namespace consultd::fhir {

inline constexpr std::string_view jwt_bearer_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::string form_text(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);
// A POST of a form, whose answer is asked for in JSON.
HttpRequest form_request(const Url& url, std::string form, Deadline deadline);

// The signed assertion by which a client is known: one use, four minutes.
std::string client_assertion(const crypto::Key& key, const std::string& client_id,
                             const std::string& audience, const Clock& clock, Random& random);

struct TokenAnswer {
    Secret token;                      // without "Bearer "
    std::optional<std::string> scope;  // absent: as it was asked for (RFC 6749 §5.1)
    std::chrono::seconds lifetime{0};  // what it is good for, less a margin
    Json json;                         // all that was answered
};
// Forbidden, with the detail `oauth`: the server refuses the client, the grant or the scope.
// Malformed: no bearer token is in the answer.
Result<TokenAnswer> ask_for_token(HttpTransport& transport, const Clock& clock, HttpRequest request,
                                  std::stop_token stop);

}  // namespace consultd::fhir
