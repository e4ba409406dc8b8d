#include "samples/sandbox/sign_in.h"

#include <algorithm>

#include "fhir/base/jws.h"
#include "fhir/url.h"

namespace consultd::sandbox {

using fhir::Json;

namespace {

constexpr std::chrono::minutes request_life{10};
constexpr std::chrono::minutes code_life{1};

std::string value_of(const Parameters& form, std::string_view name) {
    for (const auto& [known, value] : form)
        if (known == name) return value;
    return {};
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

std::string text_of(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

bool has(const std::vector<std::string>& scopes, std::string_view scope) {
    return std::ranges::find(scopes, scope) != scopes.end();
}

Error refused(StaticText text, StaticText oauth) {
    const bool is_client = oauth.view() == "invalid_client";
    return Error(is_client ? ErrorKind::Unauthorized : ErrorKind::Malformed, text)
        .with("oauth", oauth);
}

// "id:secret", each form-encoded (RFC 6749 §2.3.1).
std::optional<std::pair<std::string, std::string>> read_basic(std::string_view text) {
    const auto pair = crypto::from_base64(text);
    if (!pair || pair->find(':') == std::string::npos) return std::nullopt;
    const std::size_t colon = pair->find(':');
    const auto read = parse_query("i=" + pair->substr(0, colon) + "&s=" + pair->substr(colon + 1));
    if (!read) return std::nullopt;
    return std::pair(value_of(*read, "i"), value_of(*read, "s"));
}

}  // namespace

void SignIn::add_client(const std::string& client_id, const std::string& redirect_uri,
                        const std::string& secret) {
    clients_[client_id] = {redirect_uri, secret};
    (void)key();  // it takes its time, which no sign-in has
}

Result<Json> SignIn::register_client(fhir::JsonView about) {
    const auto addresses = about["redirect_uris"].items();
    const std::string_view method = about["token_endpoint_auth_method"].string();
    if (addresses.size() != 1 || addresses[0].string().empty())
        return Error(ErrorKind::Malformed, "invalid_redirect_uri");
    if (method != "none" && method != "client_secret_basic")
        return Error(ErrorKind::Malformed, "invalid_client_metadata");
    const std::string id = crypto::uuid_v4(random_);
    const std::string secret =
        method == "none" ? std::string() : crypto::base64url(random_.bytes(24));
    add_client(id, std::string(addresses[0].string()), secret);
    Json answer = Json::object({{"client_id", id},
                                {"redirect_uris", Json::array({addresses[0].string()})},
                                {"token_endpoint_auth_method", method}});
    if (secret.empty()) return answer;
    return answer.with("client_secret", Json(secret))
        .with("client_secret_expires_at", Json(std::int64_t{0}));
}

const crypto::Key& SignIn::key() {
    if (!key_) key_ = crypto::Key::generate(crypto::Key::Type::Rsa).value();
    return *key_;
}

std::string SignIn::jwks() const { return jws::public_jwks({const_cast<SignIn*>(this)->key()}); }

Result<std::string> SignIn::begin(const Parameters& query) {
    const Instant now = clock_.now();
    std::erase_if(asked_, [now](const auto& one) { return one.second.until < now; });
    std::erase_if(codes_, [now](const auto& one) { return one.second.until < now; });
    const auto client = clients_.find(value_of(query, "client_id"));
    if (client == clients_.end()) return Error(ErrorKind::Malformed, "unknown client");
    if (value_of(query, "redirect_uri") != client->second.redirect_uri)
        return Error(ErrorKind::Malformed, "redirect_uri is not the registered one");
    if (value_of(query, "response_type") != "code")
        return Error(ErrorKind::Malformed, "response_type must be code");
    if (value_of(query, "aud") != origin_ + "/fhir")
        return Error(ErrorKind::Malformed, "aud is not this server's FHIR base");
    if (value_of(query, "code_challenge_method") != "S256" ||
        value_of(query, "code_challenge").size() != 43)
        return Error(ErrorKind::Malformed, "PKCE with S256 is needed");
    if (value_of(query, "state").size() < 22)
        return Error(ErrorKind::Malformed, "state is too short to be guessed by nobody");
    const std::string name = crypto::base64url(random_.bytes(16));
    asked_[name] = {.client_id = client->first,
                    .redirect_uri = client->second.redirect_uri,
                    .state = value_of(query, "state"),
                    .nonce = value_of(query, "nonce"),
                    .challenge = value_of(query, "code_challenge"),
                    .scopes = words_of(value_of(query, "scope")),
                    .until = now + request_life};
    return name;
}

const Asked* SignIn::find(std::string_view request) const {
    const auto found = asked_.find(request);
    return found == asked_.end() || found->second.until < clock_.now() ? nullptr : &found->second;
}

Status SignIn::sign_in(std::string_view request, const std::string& patient,
                       const std::string& user) {
    const auto found = asked_.find(request);
    if (found == asked_.end()) return Error(ErrorKind::NotFound, "the sign-in is over");
    found->second.patient = patient;
    found->second.user = user;
    return {};
}

std::optional<std::string> SignIn::error_due(std::string_view request) {
    const auto word = faults_.take("sign-in-error");
    const Asked* const asked = find(request);
    if (!word || asked == nullptr) return std::nullopt;
    fhir::Query query;
    query.add("error", word->empty() ? "server_error" : *word)
        .add("state", asked->state)
        .add("iss", origin_);
    return asked->redirect_uri + "?" + query.text();
}

Result<std::string> SignIn::decide(std::string_view request,
                                   const std::vector<std::string>& allowed) {
    const auto found = asked_.find(request);
    if (found == asked_.end() || found->second.patient.empty())
        return Error(ErrorKind::NotFound, "nobody has signed in");
    Asked asked = std::move(found->second);
    asked_.erase(found);
    fhir::Query query;
    if (allowed.empty()) {
        query.add("error", "access_denied");
    } else {
        asked.scopes = allowed;
        asked.until = clock_.now() + code_life;
        const std::string code = crypto::base64url(random_.bytes(24));
        query.add("code", code);
        codes_[code] = asked;
    }
    query.add("state", asked.state)
        .add("iss", faults_.take("wrong-issuer") ? "https://elsewhere.invalid" : origin_);
    return asked.redirect_uri + "?" + query.text();
}

Status SignIn::check_client(const Parameters& form, std::string_view basic,
                            std::string& client_id) {
    std::string secret;
    if (const auto pair = read_basic(basic); !basic.empty() && pair) {
        client_id = pair->first;
        secret = pair->second;
    } else {
        client_id = value_of(form, "client_id");
    }
    const auto client = clients_.find(client_id);
    if (faults_.take("forget-client") && client != clients_.end()) {
        clients_.erase(client);
        return refused("the client is not known any more", "invalid_client");
    }
    if (client == clients_.end() || client->second.secret != secret)
        return refused("the client is not known, or not by this secret", "invalid_client");
    return {};
}

Result<Json> SignIn::grant(const Parameters& form, std::string_view basic, Tokens& tokens) {
    std::string client_id;
    TRY(check_client(form, basic, client_id));
    if (value_of(form, "grant_type") == "authorization_code")
        return redeem_code(form, client_id, tokens);
    return refresh(form, client_id, tokens);
}

Result<Json> SignIn::redeem_code(const Parameters& form, const std::string& client_id,
                                 Tokens& tokens) {
    const auto found = codes_.find(value_of(form, "code"));
    if (found == codes_.end()) return refused("the code is not good", "invalid_grant");
    const Asked asked = std::move(found->second);
    codes_.erase(found);  // once, whatever comes of it
    const std::string challenge =
        crypto::base64url(crypto::sha256(value_of(form, "code_verifier")));
    if (asked.client_id != client_id || asked.redirect_uri != value_of(form, "redirect_uri") ||
        asked.until < clock_.now() || asked.challenge != challenge)
        return refused("the code is of another client, or is over", "invalid_grant");
    Granted& granted = granted_[crypto::uuid_v4(random_)];
    granted.asked = asked;
    return answer(granted, tokens);
}

Result<Json> SignIn::refresh(const Parameters& form, const std::string& client_id, Tokens& tokens) {
    const std::string token = value_of(form, "refresh_token");
    const auto found = refreshes_.find(token);
    if (found == refreshes_.end()) return refused("the token is not good", "invalid_grant");
    const auto granted = granted_.find(found->second);
    if (granted == granted_.end() || granted->second.asked.client_id != client_id)
        return refused("the grant is over", "invalid_grant");
    if (granted->second.refresh != token) {  // somebody has it twice
        tokens.revoke(granted->second.access);
        granted_.erase(granted);
        return refused("the token was used before", "invalid_grant");
    }
    return answer(granted->second, tokens);
}

Json SignIn::answer(Granted& granted, Tokens& tokens) {
    const Asked& asked = granted.asked;
    tokens.revoke(granted.access);
    granted.access = tokens.issue(asked.scopes, asked.patient);
    Json body = Json::object({{"access_token", granted.access},
                              {"token_type", "Bearer"},
                              {"expires_in", Json(std::int64_t{300})},
                              {"scope", text_of(asked.scopes)}});
    if (!faults_.take("no-patient")) body = body.with("patient", Json(asked.patient));
    if (has(asked.scopes, "openid")) body = body.with("id_token", Json(id_token(asked)));
    if (!has(asked.scopes, "offline_access")) return body;
    granted.refresh = crypto::base64url(random_.bytes(32));
    for (const auto& [name, one] : granted_)
        if (&one == &granted) refreshes_[granted.refresh] = name;
    return body.with("refresh_token", Json(granted.refresh));
}

std::string SignIn::id_token(const Asked& asked) {
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch();
    return jws::sign_rs256(
        key(), Json::object({{"iss", origin_},
                             {"sub", asked.user},
                             {"aud", asked.client_id},
                             {"nonce", faults_.take("wrong-nonce") ? "another" : asked.nonce},
                             {"iat", Json(std::int64_t{now.count()})},
                             {"exp", Json(std::int64_t{now.count() + 300})},
                             {"fhirUser", origin_ + "/fhir/" + asked.user}})
                   .print());
}

void SignIn::end_grants_of(const std::string& user, Tokens& tokens) {
    std::erase_if(granted_, [&](const auto& one) {
        if (one.second.asked.user != user) return false;
        tokens.revoke(one.second.access);
        return true;
    });
}

bool SignIn::answer_is_lost(const Parameters& form) {
    const bool is_refresh = value_of(form, "grant_type") == "refresh_token";
    return faults_.take(is_refresh ? "lost-refresh-answer" : "lost-token-answer").has_value();
}

void SignIn::revoke(const Parameters& form, Tokens& tokens) {
    const std::string token = value_of(form, "token");
    std::erase_if(granted_, [&](const auto& one) {
        if (one.second.refresh != token && one.second.access != token) return false;
        tokens.revoke(one.second.access);
        return true;
    });
}

}  // namespace consultd::sandbox
