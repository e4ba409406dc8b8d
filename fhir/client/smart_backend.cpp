#include "fhir/client/smart_backend.h"

#include "fhir/client/granted_scope.h"
#include "fhir/client/token_endpoint.h"

namespace consultd::fhir {

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
    TRY_ASSIGN(const Token opener, token(deadline, std::move(stop)));
    return Answer(opener.authorization.reveal());
}

Result<std::optional<std::string>> SmartBackend::granted_scope(Deadline deadline,
                                                               std::stop_token stop) {
    using Answer = std::optional<std::string>;
    if (!names_resources(settings_.scope)) return Answer();
    TRY_ASSIGN(const Token opener, token(deadline, std::move(stop)));
    return Answer(opener.scope);
}

Result<SmartBackend::Token> SmartBackend::token(Deadline deadline, std::stop_token stop) {
    const auto is_good = [this](const Token& token) {
        return clock_.monotonic_now() < token.use_until;
    };
    const auto ask = [&] { return request_token(deadline, stop); };
    return token_.get(is_good, ask, deadline, clock_, stop);
}

void SmartBackend::refused(std::string_view authorization) {
    token_.forget([&](const Token& token) { return token.authorization.equals(authorization); });
}

Result<SmartBackend::Token> SmartBackend::request_token(Deadline deadline, std::stop_token stop) {
    if (!configuration_) {
        TRY_ASSIGN(configuration_, discover_smart(fhir_base_, transport_, clock_, deadline, stop));
    }
    const std::string assertion = client_assertion(
        key_, settings_.client_id, configuration_->token_endpoint_text, clock_, random_);
    HttpRequest request = form_request(configuration_->token_endpoint,
                                       form_text({{"grant_type", "client_credentials"},
                                                  {"scope", settings_.scope},
                                                  {"client_assertion_type", jwt_bearer_type},
                                                  {"client_assertion", assertion}}),
                                       deadline);
    const MonotonicTime asked_at = clock_.monotonic_now();
    Result<TokenAnswer> answer =
        ask_for_token(transport_, clock_, std::move(request), std::move(stop));
    if (!answer) {
        if (answer.error().number("status")) configuration_.reset();  // it may have moved
        return answer.error();
    }
    return Token{.authorization = Secret("Bearer " + std::string(answer->token.reveal())),
                 .use_until = asked_at + answer->lifetime,
                 .scope = answer->scope.value_or(settings_.scope)};
}

}  // namespace consultd::fhir
