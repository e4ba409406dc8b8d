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

}  // namespace

Result<SmartConfiguration> discover_smart(const Url& fhir_base, HttpTransport& transport,
                                          Clock& clock, Deadline deadline, std::stop_token stop) {
    HttpRequest request;
    request.url = fhir_base.below(".well-known/smart-configuration");
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
    TRY_ASSIGN(const Json document, Json::parse(std::move(response.body)));
    SmartConfiguration smart;
    smart.token_endpoint_text = document["token_endpoint"].string();
    if (smart.token_endpoint_text.empty())
        return Error(ErrorKind::Malformed, "SMART configuration has no token endpoint");
    // Against the rule some are relative: then to the FHIR base.
    const auto absolute = Url::parse(smart.token_endpoint_text);
    if (absolute) {
        smart.token_endpoint = *absolute;
    } else {
        TRY_ASSIGN(smart.token_endpoint, fhir_base.below("").resolve(smart.token_endpoint_text));
        smart.token_endpoint_text = smart.token_endpoint.text();
    }
    // A server elsewhere has no say in what we send to programs on our own machine.
    const bool both_here = smart.token_endpoint.is_loopback() && fhir_base.is_loopback();
    if (!smart.token_endpoint.is_https() && !both_here)
        return Error(ErrorKind::Malformed, "token endpoint is not https");
    smart.capabilities = strings_in(document["capabilities"]);
    smart.grant_types = strings_in(document["grant_types_supported"]);
    smart.scopes = strings_in(document["scopes_supported"]);
    return smart;
}

}  // namespace consultd::fhir
