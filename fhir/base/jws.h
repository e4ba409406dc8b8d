// JWS compact serialization (RFC 7515), JWK sets (RFC 7517). We sign with the two algorithms that
// SMART Backend Services asks for, RS384 and ES384; the algorithm is taken from our configuration,
// never from the token. What others sign for us (id_tokens) is verified by RS256, RS384, ES256 or
// ES384, as the key is. JSON in and out is text: this room knows no parser but needs only fixed
// shapes.
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

// The members of somebody's JWK, base64url as they stand there; those that it has not are empty.
struct PublicJwk {
    std::string_view kty, crv, n, e, x, y;
};
// Whether `signature` is one of these bytes by this key and algorithm (RFC 7518 §3.1). False, too:
// an algorithm that is none of the four above or not of this kind of key ("none", HS256), and a key
// that is none: RSA of less than 2048 bits, a point that is not on its curve.
bool verifies(std::string_view algorithm, const PublicJwk& jwk, std::string_view signing_input,
              std::string_view signature);
// sign() with RS256, for an RSA key: what most servers sign their id_tokens with.
std::string sign_rs256(const crypto::Key& key, std::string_view claims);

// The three parts of a compact JWS, decoded; the signature is checked by `verifies`, or by the key.
struct Compact {
    std::string header;   // JSON text
    std::string payload;  // JSON text
    std::string signing_input;
    std::string signature;
};
// Malformed: not exactly three parts of strict base64url.
Result<Compact> split(std::string_view token);

}  // namespace consultd::jws
