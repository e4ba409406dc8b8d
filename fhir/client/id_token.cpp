#include "fhir/client/id_token.h"

#include <algorithm>

#include "fhir/base/jws.h"

namespace consultd::fhir {
namespace {

constexpr std::chrono::seconds skew{60};
constexpr std::chrono::hours age_max{24};

Error not_valid(StaticText claim) {
    return Error(ErrorKind::Forbidden, "the id_token does not verify").with("claim", claim);
}

// By the key that the header names, or the one that there is: a key without a name is tried for
// every token, as OpenID Connect has it where there is one.
bool is_signed(const jws::Compact& token, JsonView header, JsonView jwks) {
    const std::string_view algorithm = header["alg"].string();
    const std::string_view kid = header["kid"].string();
    return std::ranges::any_of(jwks["keys"].items(), [&](JsonView key) {
        const bool is_named = kid.empty() || !key.has("kid") || key["kid"].string() == kid;
        const bool may_sign = !key.has("use") || key["use"].string() == "sig";
        return is_named && may_sign &&
               jws::verifies(algorithm,
                             {.kty = key["kty"].string(),
                              .crv = key["crv"].string(),
                              .n = key["n"].string(),
                              .e = key["e"].string(),
                              .x = key["x"].string(),
                              .y = key["y"].string()},
                             token.signing_input, token.signature);
    });
}

bool is_for(JsonView claims, std::string_view client_id) {
    const JsonView audience = claims["aud"];
    if (audience.is_string()) return audience.string() == client_id;
    const auto named = std::ranges::count_if(
        audience.items(), [&](JsonView one) { return one.string() == client_id; });
    // Where it is for several, the one that it was given to is named.
    return named > 0 && (audience.size() == 1 || claims["azp"].string() == client_id);
}

bool is_timely(JsonView claims, Instant now) {
    const auto expires = claims["exp"].integer();
    const auto issued = claims["iat"].integer();
    if (!expires || !issued) return false;
    const std::chrono::sys_seconds end{std::chrono::seconds(*expires)};
    const std::chrono::sys_seconds begin{std::chrono::seconds(*issued)};
    return now < end + skew && begin <= now + skew && now < begin + age_max;
}

}  // namespace

Result<SignedInAs> verify_id_token(std::string_view token, JsonView jwks,
                                   const IdTokenTerms& terms) {
    TRY_ASSIGN(const jws::Compact parts, jws::split(token));
    TRY_ASSIGN(const Json header, Json::parse(parts.header));
    TRY_ASSIGN(const Json claims, Json::parse(parts.payload));
    // What we do not know and must understand:
    // https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
    if (header.has("crit")) return not_valid("crit");
    if (!is_signed(parts, header, jwks)) return not_valid("signature");
    if (terms.issuer.empty() || claims["iss"].string() != terms.issuer) return not_valid("iss");
    if (!is_for(claims, terms.client_id)) return not_valid("aud");
    if (terms.nonce.empty() || claims["nonce"].string() != terms.nonce) return not_valid("nonce");
    if (!is_timely(claims, terms.now)) return not_valid("exp");
    if (claims["sub"].string().empty()) return not_valid("sub");
    return SignedInAs{std::string(claims["sub"].string()),
                      std::string(claims["fhirUser"].string())};
}

}  // namespace consultd::fhir
