#include "fhir/client/smart_discovery.h"

#include "fhir/client/http_status.h"
#include "fhir/json.h"

namespace consultd::fhir {
namespace {

constexpr std::size_t document_bytes_max = std::size_t{1} << 20;

std::set<std::string, std::less<>> strings_in(JsonView array) {
    std::set<std::string, std::less<>> strings;
    for (const JsonView item : array.items())
        if (item.is_string()) strings.emplace(item.string());
    return strings;
}

// Absolute, as the rule is; against it some are relative: then to the FHIR base. A server elsewhere
// has no say in what we send to programs on our own machine.
Result<Url> endpoint(std::string_view text, const Url& fhir_base) {
    Result<Url> url = Url::parse(text);
    if (!url) url = fhir_base.below("").resolve(text);
    if (!url) return url.error();
    const bool both_here = url->is_loopback() && fhir_base.is_loopback();
    if (!url->is_https() && !both_here)
        return Error(ErrorKind::Malformed, "an endpoint of the SMART configuration is not https");
    return url;
}

Status read_endpoint(std::optional<Url>& into, JsonView text, const Url& fhir_base) {
    if (text.string().empty()) return {};
    TRY_ASSIGN(into, endpoint(text.string(), fhir_base));
    return {};
}

Status read_token_endpoint(SmartConfiguration& smart, JsonView text, const Url& fhir_base) {
    smart.token_endpoint_text = text.string();
    if (smart.token_endpoint_text.empty())
        return Error(ErrorKind::Malformed, "SMART configuration has no token endpoint");
    TRY_ASSIGN(smart.token_endpoint, endpoint(smart.token_endpoint_text, fhir_base));
    if (!Url::parse(smart.token_endpoint_text))
        smart.token_endpoint_text = smart.token_endpoint.text();
    return {};
}

Result<Json> read_document(const Url& url, HttpTransport& transport, Clock& clock,
                           Deadline deadline, std::stop_token stop) {
    HttpRequest request;
    request.url = url;
    request.headers.add("Accept", "application/json");
    request.deadline = deadline;
    request.response_bytes_max = document_bytes_max;
    TRY_ASSIGN(HttpResponse response, transport.send(std::move(request), std::move(stop)));
    if (response.status != 200) {
        Error error = error_of_status(response, HttpRequest::Effect::Read, clock);
        if (error.kind() != ErrorKind::NotFound && error.kind() != ErrorKind::Unauthorized)
            return error;
        return Error(ErrorKind::Unsupported, "server has no SMART configuration")
            .with("status", response.status);
    }
    return Json::parse(std::move(response.body));
}

// http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris, of SMART App Launch 1.0.
Result<SmartConfiguration> read_oauth_uris(JsonView statement, const Url& fhir_base) {
    constexpr std::string_view oauth_uris =
        "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";
    SmartConfiguration smart;
    for (const JsonView rest : statement["rest"].items())
        for (const JsonView extension : rest.at("security", "extension").items()) {
            if (extension["url"].string() != oauth_uris) continue;
            for (const JsonView uri : extension["extension"].items()) {
                if (uri["url"].string() == "token")
                    TRY(read_token_endpoint(smart, uri["valueUri"], fhir_base));
                if (uri["url"].string() == "authorize")
                    TRY(read_endpoint(smart.authorization_endpoint, uri["valueUri"], fhir_base));
                if (uri["url"].string() == "revoke")
                    TRY(read_endpoint(smart.revocation_endpoint, uri["valueUri"], fhir_base));
            }
        }
    if (smart.token_endpoint_text.empty() || !smart.authorization_endpoint)
        return Error(ErrorKind::Unsupported, "server says nowhere how to sign in");
    smart.capabilities = {"launch-standalone", "permission-v1", "permission-offline"};
    return smart;
}

}  // namespace

Result<SmartConfiguration> discover_smart(const Url& fhir_base, HttpTransport& transport,
                                          Clock& clock, Deadline deadline, std::stop_token stop) {
    TRY_ASSIGN(const Json document,
               read_document(fhir_base.below(".well-known/smart-configuration"), transport, clock,
                             deadline, std::move(stop)));
    SmartConfiguration smart;
    TRY(read_token_endpoint(smart, document["token_endpoint"], fhir_base));
    TRY(read_endpoint(smart.authorization_endpoint, document["authorization_endpoint"], fhir_base));
    TRY(read_endpoint(smart.revocation_endpoint, document["revocation_endpoint"], fhir_base));
    TRY(read_endpoint(smart.jwks_uri, document["jwks_uri"], fhir_base));
    TRY(read_endpoint(smart.registration_endpoint, document["registration_endpoint"], fhir_base));
    smart.issuer = document["issuer"].string();
    smart.answers_name_issuer =
        document["authorization_response_iss_parameter_supported"].is_true();
    smart.challenges = strings_in(document["code_challenge_methods_supported"]);
    smart.client_methods = strings_in(document["token_endpoint_auth_methods_supported"]);
    smart.capabilities = strings_in(document["capabilities"]);
    smart.grant_types = strings_in(document["grant_types_supported"]);
    smart.scopes = strings_in(document["scopes_supported"]);
    return smart;
}

Result<SmartConfiguration> discover_sign_in(const Url& fhir_base, HttpTransport& transport,
                                            Clock& clock, Deadline deadline, std::stop_token stop) {
    Result<SmartConfiguration> smart = discover_smart(fhir_base, transport, clock, deadline, stop);
    if (smart || smart.error().kind() != ErrorKind::Unsupported) return smart;
    TRY_ASSIGN(const Json statement,
               read_document(fhir_base.below("metadata"), transport, clock, deadline, stop));
    return read_oauth_uris(statement, fhir_base);
}

}  // namespace consultd::fhir
