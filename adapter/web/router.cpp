#include "adapter/web/router.h"

#include <string>

#include "adapter/web/refusals.h"
#include "fhir/resource.h"

namespace consultd::web {
namespace {

// Takes the next segment, without its slash, from the front of a path; absent at the end.
std::optional<std::string_view> take_segment(std::string_view& path) {
    if (!path.starts_with('/')) return std::nullopt;
    const std::string_view segment = path.substr(1, path.find('/', 1) - 1);
    path.remove_prefix(1 + segment.size());
    return segment;
}

// FHIR's form of an id has room for "." and "..", which lead elsewhere in every path.
bool stands_for_id(std::string_view segment) {
    return fhir::is_id(segment) && segment != "." && segment != "..";
}

// A HEAD is answered as its GET, by the server without the body (RFC 9110 §9.3.2).
bool serves(const Route& route, std::string_view method) {
    return route.method == method || (route.method == "GET" && method == "HEAD");
}

bool may(WhoMay who, bool is_operator) {
    switch (who) {
        case WhoMay::Operator:
            return is_operator;
        case WhoMay::Anyone:
            return true;
    }
    return false;
}

ServerResponse unauthorized(std::string_view path) {
    ServerResponse refused =
        refusal(path, 401, "login", "an operator's token or certificate is needed");
    refused.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"consultd\"");
    return refused;
}

ServerResponse not_allowed(std::string_view path, std::string allow) {
    ServerResponse refused =
        refusal(path, 405, "not-supported", "this method is not for this address");
    refused.headers.emplace_back("Allow", std::move(allow));
    return refused;
}

}  // namespace

std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
    std::string_view id;
    while (const auto wanted = take_segment(pattern)) {
        const auto segment = take_segment(path);
        if (!segment) return std::nullopt;
        if (*wanted == "{id}" ? !stands_for_id(*segment) : *segment != *wanted) return std::nullopt;
        if (*wanted == "{id}") id = *segment;
    }
    return path.empty() ? std::optional(id) : std::nullopt;
}

std::variant<Router::Chosen, ServerResponse> Router::choose(const ServerRequest& request,
                                                            bool is_operator) const {
    std::string allow;
    for (const Route& route : routes_) {
        const auto id = match(route.pattern, request.path);
        if (!id || !may(route.who, is_operator)) continue;
        if (serves(route, request.method)) return Chosen{route, *id};
        allow.append(allow.empty() ? "" : ", ").append(route.method);
        if (route.method == "GET") allow += ", HEAD";
    }
    if (!allow.empty()) return not_allowed(request.path, std::move(allow));
    if (!is_operator) return unauthorized(request.path);
    return refusal(request.path, 404, "not-found", "there is nothing here");
}

ServerResponse Router::handle(const ServerRequest& request) const {
    auto chosen = choose(request, operators_.authenticate(request).has_value());
    if (auto* refused = std::get_if<ServerResponse>(&chosen)) return std::move(*refused);
    const auto& [route, id] = std::get<Chosen>(chosen);
    return route.handler(request, id);
}

std::optional<ServerResponse> Router::before_body(const ServerRequest& request) const {
    const bool is_operator = operators_.authenticate(request).has_value();
    auto chosen = choose(request, is_operator);
    if (auto* refused = std::get_if<ServerResponse>(&chosen)) return std::move(*refused);
    return is_operator ? std::nullopt : std::optional(unauthorized(request.path));
}

}  // namespace consultd::web
