#include "fhir/client/registration.h"

#include <algorithm>

#include "fhir/client/http_status.h"

namespace consultd::fhir {
namespace {

constexpr std::size_t answer_bytes_max = std::size_t{256} << 10;
constexpr std::size_t value_bytes_max = 4096;

bool takes_secrets(const SmartConfiguration& server) {
    return server.client_methods.contains("client_secret_basic") ||
           (server.client_methods.empty() && server.can("client-confidential-symmetric"));
}

std::string_view method_for(const SmartConfiguration& server, const ClientMetadata& about_us) {
    if (about_us.jwks) return "private_key_jwt";
    return takes_secrets(server) ? "client_secret_basic" : "none";
}

Result<Json> request_body(const SmartConfiguration& server, const ClientMetadata& about_us) {
    Json body = Json::object({{"client_name", about_us.name},
                              {"redirect_uris", Json::array({about_us.redirect_uri})},
                              {"grant_types", Json::array({"authorization_code", "refresh_token"})},
                              {"response_types", Json::array({"code"})},
                              {"token_endpoint_auth_method", method_for(server, about_us)},
                              {"scope", about_us.scope}});
    if (!about_us.jwks) return body;
    TRY_ASSIGN(const Json keys, Json::parse(*about_us.jwks));
    return body.with("jwks", keys);
}

// RFC 6749 appendix A: what a client's name and secret are made of.
bool is_value(std::string_view text) {
    return text.size() <= value_bytes_max &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

// The server may have put others in the place of what we asked for (§3.2.1).
Result<RegisteredClient> read_answer(JsonView answer, const ClientMetadata& about_us) {
    const std::string_view method = answer["token_endpoint_auth_method"].string();
    const std::string_view secret = answer["client_secret"].string();
    RegisteredClient client{std::string(answer["client_id"].string()), Secret(std::string(secret)),
                            std::nullopt};
    if (client.client_id.empty() || !is_value(client.client_id) || !is_value(secret))
        return Error(ErrorKind::Malformed, "the answer to a registration names no client");
    const JsonView addresses = answer["redirect_uris"];
    const bool is_ours = std::ranges::any_of(
        addresses.items(), [&](JsonView one) { return one.string() == about_us.redirect_uri; });
    const bool is_key = method == "private_key_jwt";
    const bool is_known = method.empty() || method == "none" || method == "client_secret_basic" ||
                          (is_key && about_us.jwks);
    if (!is_known || (addresses.is_array() && !is_ours))
        return Error(ErrorKind::Unsupported, "the server registers us as what we are not");
    if (method == "none" || is_key) client.secret = Secret("");
    const std::int64_t until_s = answer["client_secret_expires_at"].integer().value_or(0);
    if (until_s > 0 && !client.secret.reveal().empty())
        client.secret_until = Instant(std::chrono::seconds(until_s));
    return client;
}

}  // namespace

Result<RegisteredClient> register_client(const SmartConfiguration& server,
                                         const ClientMetadata& about_us, HttpTransport& transport,
                                         const Clock& clock, Deadline deadline,
                                         std::stop_token stop) {
    if (!server.registration_endpoint)
        return Error(ErrorKind::Unsupported, "the server lets nobody register by itself");
    TRY_ASSIGN(const Json body, request_body(server, about_us));
    HttpRequest request;
    request.method = "POST";
    request.url = *server.registration_endpoint;
    request.headers.add("Accept", "application/json").add("Content-Type", "application/json");
    request.body = body.print();
    request.effect = HttpRequest::Effect::Write;
    request.deadline = deadline;
    request.response_bytes_max = answer_bytes_max;
    TRY_ASSIGN(HttpResponse response, transport.send(std::move(request), std::move(stop)));
    if (response.status != 201 && response.status != 200) {
        Error error = error_of_status(response, HttpRequest::Effect::Write, clock);
        if (response.status / 100 != 4 || error.kind() == ErrorKind::RateLimited) return error;
        return Error(ErrorKind::Forbidden, "the server does not register us")
            .with("status", response.status);
    }
    TRY_ASSIGN(const Json answer, Json::parse(std::move(response.body)));
    return read_answer(answer, about_us);
}

std::string text_of(const RegisteredClient& client, const Url& fhir_base,
                    const std::string& redirect_uri) {
    return Json::object({{"at", fhir_base.text()},
                         {"redirect", redirect_uri},
                         {"clientId", client.client_id},
                         {"secret", Json(client.secret.reveal())},
                         {"until", client.secret_until ? Json(format_instant(*client.secret_until))
                                                       : Json()}})
        .print();
}

std::optional<RegisteredClient> registered_client(std::string text, const Url& fhir_base,
                                                  const std::string& redirect_uri) {
    const Result<Json> json = Json::parse(std::move(text));
    if (!json || (*json)["at"].string() != fhir_base.text() ||
        (*json)["redirect"].string() != redirect_uri || (*json)["clientId"].string().empty())
        return std::nullopt;
    return RegisteredClient{std::string((*json)["clientId"].string()),
                            Secret(std::string((*json)["secret"].string())),
                            parse_instant((*json)["until"].string())};
}

}  // namespace consultd::fhir
