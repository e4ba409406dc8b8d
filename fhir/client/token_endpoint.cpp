#include "fhir/client/token_endpoint.h"

#include <algorithm>

#include "fhir/base/jws.h"
#include "fhir/client/http_status.h"

namespace consultd::fhir {
namespace {

// At most five minutes ahead of the server's clock; ours may be a minute off.
constexpr std::chrono::seconds assertion_lifetime{240};
constexpr std::chrono::seconds margin_max{60};
constexpr std::int64_t lifetime_where_not_said_s = 60;
constexpr std::int64_t lifetime_max_s = 24 * 60 * 60;
constexpr std::size_t answer_bytes_max = std::size_t{256} << 10;

// RFC 6750 §2.1: what may stand after "Bearer ".
bool is_bearer_token(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_bearer(std::string_view type) {
    constexpr std::string_view bearer = "bearer";
    return std::equal(type.begin(), type.end(), bearer.begin(), bearer.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
}

// RFC 6749 §5.2; another code is told as "other".
constexpr const char* oauth_errors[] = {"invalid_request",        "invalid_client",
                                        "invalid_grant",          "unauthorized_client",
                                        "unsupported_grant_type", "invalid_scope"};

Error token_refusal(const HttpResponse& response, HttpRequest::Effect effect, const Clock& clock) {
    Error error = error_of_status(response, effect, clock);
    if (error.kind() == ErrorKind::Unavailable || error.kind() == ErrorKind::RateLimited ||
        error.kind() == ErrorKind::Uncertain)
        return error;
    const char* code = "other";
    if (const auto body = Json::parse(response.body))
        for (const char* known : oauth_errors)
            if ((*body)["error"].string() == known) code = known;
    return Error(ErrorKind::Forbidden, "authorization server gives no token")
        .with("status", response.status)
        .with("oauth", StaticText::from_table(code));
}

}  // namespace

std::string form_text(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    Query query;
    for (const auto& [name, value] : fields) query.add(name, value);
    return query.text();
}

HttpRequest form_request(const Url& url, std::string form, Deadline deadline) {
    HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.headers.add("Accept", "application/json")
        .add("Content-Type", "application/x-www-form-urlencoded");
    request.body = std::move(form);
    request.deadline = deadline;
    request.response_bytes_max = answer_bytes_max;
    return request;
}

std::string client_assertion(const crypto::Key& key, const std::string& client_id,
                             const std::string& audience, const Clock& clock, Random& random) {
    const auto expires = std::chrono::floor<std::chrono::seconds>(clock.now()) + assertion_lifetime;
    const Json claims =
        Json::object({{"iss", client_id},
                      {"sub", client_id},
                      {"aud", audience},
                      {"exp", Json(std::int64_t{expires.time_since_epoch().count()})},
                      {"jti", crypto::uuid_v4(random)}});
    return jws::sign(key, claims.print());
}

Result<TokenAnswer> ask_for_token(HttpTransport& transport, const Clock& clock, HttpRequest request,
                                  std::stop_token stop) {
    const HttpRequest::Effect effect = request.effect;
    TRY_ASSIGN(HttpResponse response, transport.send(std::move(request), std::move(stop)));
    if (response.status != 200) return token_refusal(response, effect, clock);
    TRY_ASSIGN(Json answer, Json::parse(std::move(response.body)));
    if (!is_bearer_token(answer["access_token"].string()) ||
        !is_bearer(answer["token_type"].string()))
        return Error(ErrorKind::Malformed, "authorization server's answer holds no bearer token");
    const std::chrono::seconds lifetime(std::clamp<std::int64_t>(
        answer["expires_in"].integer().value_or(lifetime_where_not_said_s), 0, lifetime_max_s));
    std::optional<std::string> scope;
    if (!answer["scope"].is_null()) scope = std::string(answer["scope"].string());
    return TokenAnswer{.token = Secret(std::string(answer["access_token"].string())),
                       .scope = std::move(scope),
                       .lifetime = lifetime - std::min(margin_max, lifetime / 4),
                       .json = std::move(answer)};
}

}  // namespace consultd::fhir
