// id_token: who signed in, as an OpenID Provider says and signs it. Pure: keys and time come in.
// https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation,
// https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
#pragma once

#include <string>
#include <string_view>

#include "fhir/base/clock.h"
#include "fhir/json.h"

namespace consultd::fhir {

struct IdTokenTerms {
    std::string issuer;     // as discovery has it
    std::string client_id;  // ours: its audience
    std::string nonce;      // of this sign-in
    Instant now{};
};

struct SignedInAs {
    std::string subject;    // the server's own name for the person
    std::string fhir_user;  // "Patient/1", a URL; empty: not said
};

// Forbidden: not signed by a key of `jwks` (RS256, RS384, ES256, ES384 alone), or by another
// issuer, for another client or another sign-in, or of another time; with the detail `claim`, which
// says what does not hold. A minute of the clocks' difference is let pass.
Result<SignedInAs> verify_id_token(std::string_view token, JsonView jwks,
                                   const IdTokenTerms& terms);

}  // namespace consultd::fhir
