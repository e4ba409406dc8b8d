// JWS compact serialization (RFC 7515), JWK sets (RFC 7517) and the two algorithms SMART Backend
// Services asks for: RS384 and ES384. The algorithm is taken from our configuration, never from the
// token. JSON in and out is text: this room knows no parser but needs only fixed shapes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/crypto.h"

namespace consultd::jws {

// "RS384" for RSA, "ES384" for P-384; Ed25519 is not offered here.
std::string_view algorithm_of(const crypto::Key& key);
// RFC 7638 thumbprint (SHA-256, base64url): the `kid` we give our own keys.
std::string thumbprint(const crypto::Key& key);
// {"kty":…,"kid":…,"alg":…,"use":"sig",…}: the public members only.
std::string public_jwk(const crypto::Key& key);
// {"keys":[…]}
std::string public_jwks(const std::vector<crypto::Key>& keys);
// header {"alg":…,"kid":…,"typ":"JWT"}; `claims` is a JSON object as text.
std::string sign(const crypto::Key& key, std::string_view claims);

// A public key from the members of a JWK: RSA `n`,`e` or P-384 `x`,`y`, base64url as in the JWK.
Result<crypto::Key> rsa_from_jwk(std::string_view n, std::string_view e);
Result<crypto::Key> p384_from_jwk(std::string_view x, std::string_view y);

// The three parts of a compact JWS, decoded; the signature is checked by `verify`.
struct Compact {
    std::string header;   // JSON text
    std::string payload;  // JSON text
    std::string signing_input;
    std::string signature;
};
// Malformed: not exactly three parts of strict base64url.
Result<Compact> split(std::string_view token);

}  // namespace consultd::jws
