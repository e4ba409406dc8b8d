#include "samples/sandbox/tokens.h"

#include <algorithm>

#include "fhir/base/jws.h"

namespace consultd::sandbox {

using fhir::Json;
using fhir::JsonView;

namespace {

constexpr std::chrono::minutes assertion_life_max{5};
constexpr std::chrono::seconds clock_skew_max{5};
constexpr std::chrono::seconds token_life{300};
constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

Error invalid_client(StaticText text) {
    return Error(ErrorKind::Unauthorized, text).with("oauth", "invalid_client");
}

struct Scope {
    std::string type, rights;  // of c r u d s
};

// "system/Observation.rs", "patient/…", SMART 1's "system/*.read" too; absent: not one of these.
std::optional<Scope> parse_scope(std::string_view text) {
    if (!text.starts_with("system/") && !text.starts_with("patient/")) return std::nullopt;
    text.remove_prefix(text.find('/') + 1);
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) return std::nullopt;
    Scope scope{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
    if (scope.rights == "read") scope.rights = "rs";
    if (scope.rights == "write") scope.rights = "cud";
    if (scope.rights == "*") scope.rights = "cruds";
    if (scope.rights.find_first_not_of("cruds") != std::string::npos) return std::nullopt;
    return scope;
}

std::string_view value_of(const Parameters& form, std::string_view name) {
    for (const auto& [known, value] : form)
        if (known == name) return value;
    return {};
}

bool has_audience(JsonView audience, std::string_view wanted) {
    if (audience.is_string()) return audience.string() == wanted;
    return std::any_of(audience.items().begin(), audience.items().end(),
                       [wanted](JsonView one) { return one.string() == wanted; });
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

}  // namespace

bool Grant::allows(std::string_view type, char right) const {
    return std::any_of(scopes.begin(), scopes.end(), [&](const std::string& text) {
        const auto scope = parse_scope(text);
        return scope && (scope->type == "*" || scope->type == type) &&
               scope->rights.find(right) != std::string::npos;
    });
}

Status Tokens::add_client(const std::string& client_id, std::string jwks,
                          std::vector<std::string> scopes) {
    TRY_ASSIGN(const Json set, Json::parse(std::move(jwks)));
    Client client;
    client.scopes = std::move(scopes);
    for (const JsonView jwk : set["keys"].items()) {
        const std::string kid(jwk["kid"].string());
        if (jwk["kty"].string() == "RSA") {
            TRY_ASSIGN(auto key, jws::rsa_from_jwk(jwk["n"].string(), jwk["e"].string()));
            client.keys.emplace(kid, std::move(key));
        } else if (jwk["kty"].string() == "EC" && jwk["crv"].string() == "P-384") {
            TRY_ASSIGN(auto key, jws::p384_from_jwk(jwk["x"].string(), jwk["y"].string()));
            client.keys.emplace(kid, std::move(key));
        }
    }
    if (client.keys.empty())
        return Error(ErrorKind::Config, "a client's JWK set holds no RSA or P-384 key");
    clients_[client_id] = std::move(client);
    return {};
}

Status Tokens::check_claims(const Json& claims, const std::string& client_id) {
    if (claims["iss"].string() != client_id || claims["sub"].string() != client_id)
        return invalid_client("iss and sub must both be the client's id");
    if (!has_audience(claims["aud"], token_url_))
        return invalid_client("aud is not the token endpoint");
    const auto exp = claims["exp"].integer();
    if (!exp) return invalid_client("exp is missing");
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now());
    const std::chrono::sys_seconds expires{std::chrono::seconds(*exp)};
    if (expires <= now - clock_skew_max) return invalid_client("the assertion has expired");
    if (expires > now + assertion_life_max + clock_skew_max)
        return invalid_client("exp is more than five minutes ahead");
    const std::string_view jti = claims["jti"].string();
    if (jti.empty()) return invalid_client("jti is missing");
    if (!seen_.emplace(client_id + " " + std::string(jti), expires + clock_skew_max).second)
        return invalid_client("jti was used before");
    return {};
}

Status Tokens::check_assertion(std::string_view client_id_hint, std::string_view assertion,
                               std::string& client_id) {
    const auto parts = jws::split(assertion);
    if (!parts) return invalid_client("the assertion is no JWS");
    const auto header = Json::parse(parts->header), claims = Json::parse(parts->payload);
    if (!header || !claims) return invalid_client("the assertion holds no JSON");
    client_id = (*claims)["iss"].string();
    const auto client = clients_.find(client_id);
    if (client == clients_.end() || (!client_id_hint.empty() && client_id_hint != client_id))
        return invalid_client("unknown client");
    const auto key = client->second.keys.find(std::string((*header)["kid"].string()));
    if (key == client->second.keys.end()) return invalid_client("unknown kid");
    // The key says which algorithm; the token only has to agree.
    if ((*header)["alg"].string() != jws::algorithm_of(key->second))
        return invalid_client("alg is not the key's");
    if (!key->second.verify(parts->signing_input, parts->signature))
        return invalid_client("the signature does not verify");
    return check_claims(*claims, client_id);
}

void Tokens::forget_expired() {
    const Instant now = clock_.now();
    std::erase_if(seen_, [now](const auto& one) { return one.second < now; });
    std::erase_if(grants_, [now](const auto& one) { return one.second.expires < now; });
}

Result<Json> Tokens::grant(const Parameters& form) {
    forget_expired();
    if (value_of(form, "grant_type") != "client_credentials")
        return Error(ErrorKind::Malformed, "grant_type must be client_credentials")
            .with("oauth", "unsupported_grant_type");
    if (value_of(form, "client_assertion_type") != assertion_type)
        return invalid_client("client_assertion_type must be jwt-bearer");
    std::string client_id;
    TRY(check_assertion(value_of(form, "client_id"), value_of(form, "client_assertion"),
                        client_id));
    Grant grant;
    Grant allowed;
    allowed.scopes = clients_[client_id].scopes;
    std::string granted;
    for (const std::string& text : words_of(value_of(form, "scope"))) {
        const auto scope = parse_scope(text);
        const bool covered =
            scope && text.starts_with("system/") &&
            std::all_of(scope->rights.begin(), scope->rights.end(),
                        [&](char right) { return allowed.allows(scope->type, right); });
        if (!covered) continue;
        grant.scopes.push_back(text);
        granted += (granted.empty() ? "" : " ") + text;
    }
    if (grant.scopes.empty())
        return Error(ErrorKind::Malformed, "none of the scopes can be granted")
            .with("oauth", "invalid_scope");
    grant.expires = clock_.now() + token_life;
    const std::string token = crypto::base64url(random_.bytes(32));
    grants_.emplace(token, std::move(grant));
    return Json::object({{"access_token", token},
                         {"token_type", "bearer"},
                         {"expires_in", Json(std::int64_t{token_life.count()})},
                         {"scope", granted}});
}

std::string Tokens::issue(std::vector<std::string> scopes, const std::string& patient) {
    forget_expired();
    const std::string token = crypto::base64url(random_.bytes(32));
    grants_.emplace(token, Grant{.scopes = std::move(scopes),
                                 .expires = clock_.now() + token_life,
                                 .patient = patient});
    return token;
}

const Grant* Tokens::use(std::string_view token) {
    const auto found = grants_.find(token);
    if (found == grants_.end() || found->second.expires <= clock_.now()) return nullptr;
    ++found->second.uses;
    return &found->second;
}

void Tokens::revoke(std::string_view token) {
    if (const auto found = grants_.find(token); found != grants_.end()) grants_.erase(found);
}

}  // namespace consultd::sandbox
