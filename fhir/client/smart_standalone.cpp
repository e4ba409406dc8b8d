#include "fhir/client/smart_standalone.h"

#include <algorithm>

#include "fhir/client/granted_scope.h"
#include "fhir/client/http_status.h"
#include "fhir/client/id_token.h"
#include "fhir/client/token_endpoint.h"
#include "fhir/resource.h"

namespace consultd::fhir {
namespace {

constexpr std::size_t random_bytes = 32;  // of state, nonce and verifier: 43 characters each
constexpr std::size_t keys_bytes_max = std::size_t{256} << 10;

// The one of that name; absent: there is none, or more than one, which is nobody's honest answer.
std::optional<std::string_view> only(const Answer& answer, std::string_view name) {
    std::optional<std::string_view> found;
    for (const auto& [known, value] : answer) {
        if (known != name) continue;
        if (found) return std::nullopt;
        found = value;
    }
    return found;
}

// RFC 6749 §4.1.2.1: what the words mean for us; nothing of the description is said again.
Error refusal_of(std::string_view code) {
    if (code == "access_denied") return {ErrorKind::Denied, "the person did not allow it"};
    if (code == "temporarily_unavailable" || code == "server_error")
        return {ErrorKind::Unavailable, "the sign-in is not working there now"};
    return {ErrorKind::Unsupported, "the server does not let us ask for a sign-in"};
}

// RFC 9207 §2.4. A server that tells no issuer of its own may name one of its own origin.
bool is_of(const std::optional<std::string_view>& issuer, const SmartConfiguration& server) {
    if (!issuer) return !server.answers_name_issuer;
    if (!server.issuer.empty()) return *issuer == server.issuer;
    const auto url = Url::parse(*issuer);
    return url && url->same_origin(*server.authorization_endpoint);
}

// RFC 6749 §2.3.1: both are form-encoded before they are put together.
std::string basic(const std::string& client_id, const Secret& secret) {
    return "Basic " +
           crypto::base64(percent_encode(client_id) + ":" + percent_encode(secret.reveal()));
}

}  // namespace

std::string text_of(const PatientTokens& tokens) {
    return Json::object({{"access", Json(tokens.access.reveal())},
                         {"refresh", Json(tokens.refresh.reveal())},
                         {"useUntil", format_instant(tokens.use_until)},
                         {"scope", tokens.scope},
                         {"patient", tokens.patient},
                         {"fhirUser", tokens.fhir_user}})
        .print();
}

Result<PatientTokens> patient_tokens(std::string text) {
    const Result<Json> json = Json::parse(std::move(text));
    if (!json || (*json)["access"].string().empty())
        return Error(ErrorKind::Corrupt, "what is kept of a sign-in is none");
    const auto until = parse_instant((*json)["useUntil"].string());
    const auto string = [&](std::string_view name) { return std::string((*json)[name].string()); };
    return PatientTokens{.access = Secret(string("access")),
                         .refresh = Secret(string("refresh")),
                         .use_until = until.value_or(Instant{}),
                         .scope = string("scope"),
                         .patient = string("patient"),
                         .fhir_user = string("fhirUser")};
}

Result<SignIn> SmartStandalone::begin(const std::string& redirect_uri, const std::string& data,
                                      Deadline deadline, std::stop_token stop) const {
    SignIn sign_in;
    TRY_ASSIGN(sign_in.server, discover_sign_in(fhir_base_, transport_, clock_, deadline, stop));
    const SmartConfiguration& server = sign_in.server;
    if (!server.authorization_endpoint)
        return Error(ErrorKind::Unsupported, "the server has no sign-in for patients");
    // An older server says nothing of it, and takes what it does not know (RFC 6749 §3.1).
    if (!server.challenges.empty() && !server.challenges.contains("S256"))
        return Error(ErrorKind::Unsupported, "the server has no PKCE with S256");
    sign_in.redirect_uri = redirect_uri;
    sign_in.scope = sign_in_scope(server, data);
    sign_in.state = crypto::base64url(random_.bytes(random_bytes));
    sign_in.nonce = crypto::base64url(random_.bytes(random_bytes));
    sign_in.verifier = crypto::base64url(random_.bytes(random_bytes));
    Query query;
    query.add("response_type", "code")
        .add("client_id", client_.client_id)
        .add("redirect_uri", redirect_uri)
        .add("scope", sign_in.scope)
        .add("state", sign_in.state)
        .add("nonce", sign_in.nonce)
        .add("aud", fhir_base_.text())
        .add("code_challenge", crypto::base64url(crypto::sha256(sign_in.verifier)))
        .add("code_challenge_method", "S256");
    // OpenID Connect Core 1.0 §11: else a strict server grants no offline_access.
    if (has_scope(sign_in.scope, "openid") && has_scope(sign_in.scope, "offline_access"))
        query.add("prompt", "consent");
    const std::string& own = server.authorization_endpoint->query();
    sign_in.address = server.authorization_endpoint->with_query(
        own.empty() ? query.text() : own + "&" + query.text());
    return sign_in;
}

Result<std::string> SmartStandalone::code_of(const Answer& answer, const SignIn& sign_in) {
    const auto state = only(answer, "state");
    if (!state || sign_in.state.empty() || !Secret(sign_in.state).equals(*state))
        return Error(ErrorKind::Forbidden, "it is not the answer to this sign-in");
    const bool has_issuer =
        std::ranges::any_of(answer, [](const auto& parameter) { return parameter.first == "iss"; });
    const auto issuer = only(answer, "iss");
    if ((has_issuer && !issuer) || !is_of(issuer, sign_in.server))
        return Error(ErrorKind::Forbidden, "it is the answer of another server");
    if (const auto error = only(answer, "error")) return refusal_of(*error);
    const auto code = only(answer, "code");
    if (!code || code->empty())
        return Error(ErrorKind::Malformed, "the answer has neither a code nor an error");
    return std::string(*code);
}

HttpRequest SmartStandalone::signed_request(const SmartConfiguration& server, const Url& url,
                                            Query form, Deadline deadline) const {
    if (client_.key) {
        form.add("client_assertion_type", jwt_bearer_type)
            .add("client_assertion", client_assertion(*client_.key, client_.client_id,
                                                      server.token_endpoint_text, clock_, random_));
    } else if (!client_.secret) {
        form.add("client_id", client_.client_id);
    }
    HttpRequest request = form_request(url, form.text(), deadline);
    if (!client_.key && client_.secret)
        request.headers.add("Authorization", basic(client_.client_id, *client_.secret));
    // A code and a refresh token are good once: never sent again by itself.
    request.effect = HttpRequest::Effect::Write;
    return request;
}

Result<std::string> SmartStandalone::identity_of(JsonView answer, const SignIn& sign_in,
                                                 Deadline deadline, std::stop_token stop) const {
    // Where it was asked for it comes: without it nobody can tell one sign-in from another.
    if (!has_scope(sign_in.scope, "openid")) return std::string();
    const std::string_view token = answer["id_token"].string();
    if (token.empty() && !has_scope(answer["scope"].string(), "openid")) return std::string();
    if (!sign_in.server.jwks_uri)
        return Error(ErrorKind::Unsupported, "the server has no keys for its id_tokens");
    HttpRequest request;
    request.url = *sign_in.server.jwks_uri;
    request.headers.add("Accept", "application/json");
    request.deadline = deadline;
    request.response_bytes_max = keys_bytes_max;
    TRY_ASSIGN(HttpResponse response, transport_.send(std::move(request), std::move(stop)));
    if (response.status != 200) return error_of_status(response, HttpRequest::Effect::Read, clock_);
    TRY_ASSIGN(const Json jwks, Json::parse(std::move(response.body)));
    TRY_ASSIGN(const SignedInAs who, verify_id_token(token, jwks,
                                                     {.issuer = sign_in.server.issuer,
                                                      .client_id = client_.client_id,
                                                      .nonce = sign_in.nonce,
                                                      .now = clock_.now()}));
    return who.fhir_user;
}

Result<PatientTokens> SmartStandalone::exchange(const std::string& code, const SignIn& sign_in,
                                                Deadline deadline, std::stop_token stop) const {
    Query form;
    form.add("grant_type", "authorization_code")
        .add("code", code)
        .add("redirect_uri", sign_in.redirect_uri)
        .add("code_verifier", sign_in.verifier);
    const Instant asked = clock_.now();
    TRY_ASSIGN(const TokenAnswer answer,
               ask_for_token(transport_, clock_,
                             signed_request(sign_in.server, sign_in.server.token_endpoint,
                                            std::move(form), deadline),
                             stop));
    PatientTokens tokens{.access = answer.token,
                         .refresh = Secret(std::string(answer.json["refresh_token"].string())),
                         .use_until = asked + answer.lifetime,
                         // Against the rule some leave it out: then it is what was asked for.
                         .scope = answer.scope.value_or(sign_in.scope),
                         .patient = std::string(answer.json["patient"].string())};
    if (!is_id(tokens.patient))
        return Error(ErrorKind::Unsupported, "the server does not say whose records these are");
    TRY_ASSIGN(tokens.fhir_user, identity_of(answer.json, sign_in, deadline, stop));
    return tokens;
}

Result<PatientTokens> SmartStandalone::refresh(const PatientTokens& tokens, Deadline deadline,
                                               std::stop_token stop) const {
    const Error over(ErrorKind::Unauthorized, "the sign-in is over");
    if (tokens.refresh.empty()) return over;
    TRY_ASSIGN(const SmartConfiguration server,
               discover_sign_in(fhir_base_, transport_, clock_, deadline, stop));
    Query form;
    form.add("grant_type", "refresh_token").add("refresh_token", tokens.refresh.reveal());
    const Instant asked = clock_.now();
    const Result<TokenAnswer> answer = ask_for_token(
        transport_, clock_,
        signed_request(server, server.token_endpoint, std::move(form), deadline), stop);
    if (!answer) {
        const auto word = answer.error().text("oauth");
        return word && word->view() == "invalid_grant" ? over : answer.error();
    }
    const std::string_view patient = answer->json["patient"].string();
    if (!patient.empty() && patient != tokens.patient)
        return Error(ErrorKind::Forbidden, "the refreshed sign-in is another patient's");
    PatientTokens next = tokens;
    next.access = answer->token;
    next.use_until = asked + answer->lifetime;
    if (answer->scope) next.scope = *answer->scope;
    const std::string_view rotated = answer->json["refresh_token"].string();
    if (!rotated.empty()) next.refresh = Secret(std::string(rotated));
    return next;
}

Status SmartStandalone::revoke(const PatientTokens& tokens, Deadline deadline,
                               std::stop_token stop) const {
    TRY_ASSIGN(const SmartConfiguration server,
               discover_sign_in(fhir_base_, transport_, clock_, deadline, stop));
    if (!server.revocation_endpoint) return {};
    const bool is_offline = !tokens.refresh.empty();
    Query form;
    form.add("token", (is_offline ? tokens.refresh : tokens.access).reveal())
        .add("token_type_hint", is_offline ? "refresh_token" : "access_token");
    TRY_ASSIGN(const HttpResponse response,
               transport_.send(
                   signed_request(server, *server.revocation_endpoint, std::move(form), deadline),
                   std::move(stop)));
    if (response.status / 100 != 2)
        return error_of_status(response, HttpRequest::Effect::Write, clock_);
    return {};
}

}  // namespace consultd::fhir
