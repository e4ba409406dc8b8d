#include "fhir/client/smart_backend.h"

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

Error token_refusal(const HttpResponse& response, const Clock& clock) {
    Error error = error_of_status(response, HttpRequest::Effect::Read, clock);
    if (error.kind() == ErrorKind::Unavailable || error.kind() == ErrorKind::RateLimited)
        return error;
    const char* code = "other";
    if (const auto body = Json::parse(response.body))
        for (const char* known : oauth_errors)
            if ((*body)["error"].string() == known) code = known;
    return Error(ErrorKind::Forbidden, "authorization server gives no token")
        .with("status", response.status)
        .with("oauth", StaticText::from_table(code));
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    Query query;
    for (const auto& [name, value] : fields) query.add(name, value);
    return query.text();
}

}  // namespace

SmartBackend::SmartBackend(Url fhir_base, SmartBackendSettings settings, crypto::Key key,
                           HttpTransport& transport, Clock& clock, Random& random)
    : fhir_base_(std::move(fhir_base)),
      settings_(std::move(settings)),
      key_(std::move(key)),
      transport_(transport),
      clock_(clock),
      random_(random) {}

Result<std::optional<std::string>> SmartBackend::authorization(const Url& url, Deadline deadline,
                                                               std::stop_token stop) {
    using Answer = std::optional<std::string>;
    if (!url.same_origin(fhir_base_)) return Answer();
    const auto is_good = [this](const Token& token) {
        return clock_.monotonic_now() < token.use_until;
    };
    const auto ask = [&] { return request_token(deadline, stop); };
    TRY_ASSIGN(const Token token, token_.get(is_good, ask, deadline, clock_, stop));
    return Answer(token.authorization.reveal());
}

void SmartBackend::refused(std::string_view authorization) {
    token_.forget([&](const Token& token) { return token.authorization.equals(authorization); });
}

std::string SmartBackend::granted_scope() const {
    const std::lock_guard lock(mutex_);
    return granted_scope_;
}

// https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html: one use each.
std::string SmartBackend::assertion(const std::string& audience) {
    const auto expires =
        std::chrono::floor<std::chrono::seconds>(clock_.now()) + assertion_lifetime;
    const Json claims =
        Json::object({{"iss", settings_.client_id},
                      {"sub", settings_.client_id},
                      {"aud", audience},
                      {"exp", Json(std::int64_t{expires.time_since_epoch().count()})},
                      {"jti", crypto::uuid_v4(random_)}});
    return jws::sign(key_, claims.print());
}

Result<SmartBackend::Token> SmartBackend::request_token(Deadline deadline, std::stop_token stop) {
    if (!configuration_) {
        TRY_ASSIGN(configuration_, discover_smart(fhir_base_, transport_, clock_, deadline, stop));
    }
    HttpRequest request;
    request.method = "POST";
    request.url = configuration_->token_endpoint;
    request.headers.add("Accept", "application/json")
        .add("Content-Type", "application/x-www-form-urlencoded");
    request.body =
        form({{"grant_type", "client_credentials"},
              {"scope", settings_.scope},
              {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
              {"client_assertion", assertion(configuration_->token_endpoint_text)}});
    request.deadline = deadline;
    request.response_bytes_max = answer_bytes_max;
    const MonotonicTime asked_at = clock_.monotonic_now();
    TRY_ASSIGN(HttpResponse response, transport_.send(std::move(request), std::move(stop)));
    if (response.status != 200) {
        configuration_.reset();  // it may have moved
        return token_refusal(response, clock_);
    }
    TRY_ASSIGN(const Json answer, Json::parse(std::move(response.body)));
    if (!is_bearer_token(answer["access_token"].string()) ||
        !is_bearer(answer["token_type"].string()))
        return Error(ErrorKind::Malformed, "authorization server's answer holds no bearer token");
    {
        const std::lock_guard lock(mutex_);
        granted_scope_ = answer["scope"].string();
    }
    const std::chrono::seconds lifetime(std::clamp<std::int64_t>(
        answer["expires_in"].integer().value_or(lifetime_where_not_said_s), 0, lifetime_max_s));
    return Token{Secret("Bearer " + std::string(answer["access_token"].string())),
                 asked_at + lifetime - std::min(margin_max, lifetime / 4)};
}

}  // namespace consultd::fhir
