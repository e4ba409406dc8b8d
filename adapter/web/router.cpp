#include "adapter/web/router.h"

#include <charconv>
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

bool may(WhoMay who, const Caller& caller) {
    switch (who) {
        case WhoMay::Operate:
            return caller.has(config::Role::Operate);
        case WhoMay::Transfers:
            return caller.has(config::Role::Transfers);
        case WhoMay::Audit:
            return caller.has(config::Role::Audit);
        case WhoMay::Operator:
            return caller.is_operator();
        case WhoMay::Patient:
        case WhoMay::Anyone:
            return true;
    }
    return false;
}

// Whom we know and who may not is not asked for other credentials.
ServerResponse not_for(const Caller& caller, std::string_view path) {
    if (caller.is_operator())
        return refusal(path, 403, "forbidden", "the operator has not the role for this");
    if (caller.is_stranger)
        return refusal(path, 403, "forbidden", "the certificate is no operator's here");
    ServerResponse refused =
        refusal(path, 401, "login", "an operator's token or certificate is needed");
    refused.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"consultd\"");
    return refused;
}

// It says how long it is, and that is no more than a form of ours can be.
bool is_small(const ServerRequest& request) {
    // Some 1,400 boxes of single resources, each with an id of 64 letters.
    constexpr std::size_t form_bytes_max = std::size_t{256} << 10;
    const std::string_view length = request.header("Content-Length").value_or("");
    std::size_t bytes = form_bytes_max + 1;
    std::from_chars(length.data(), length.data() + length.size(), bytes);
    return bytes <= form_bytes_max;
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
                                                            const Caller& caller) const {
    std::string allow;
    bool is_for_others = false;
    for (const Route& route : routes_) {
        const auto id = match(route.pattern, request.path);
        if (!id) continue;
        if (!may(route.who, caller)) {
            is_for_others = is_for_others || serves(route, request.method);
            continue;
        }
        if (serves(route, request.method)) return Chosen{route, *id};
        allow.append(allow.empty() ? "" : ", ").append(route.method);
        if (route.method == "GET") allow += ", HEAD";
    }
    if (is_for_others && caller.is_operator()) return not_for(caller, request.path);
    if (!allow.empty()) return not_allowed(request.path, std::move(allow));
    if (!caller.is_operator()) return not_for(caller, request.path);
    return refusal(request.path, 404, "not-found", "there is nothing here");
}

ServerResponse Router::handle(const ServerRequest& request) const {
    const Caller caller = operators_.authenticate(request);
    auto chosen = choose(request, caller);
    if (auto* refused = std::get_if<ServerResponse>(&chosen)) return std::move(*refused);
    const auto& [route, id] = std::get<Chosen>(chosen);
    return route.handler({request, id, caller});
}

std::optional<ServerResponse> Router::before_body(const ServerRequest& request) const {
    const Caller caller = operators_.authenticate(request);
    auto chosen = choose(request, caller);
    if (auto* refused = std::get_if<ServerResponse>(&chosen)) return std::move(*refused);
    if (caller.is_operator()) return std::nullopt;
    if (std::get<Chosen>(chosen).route.who != WhoMay::Patient) return not_for(caller, request.path);
    if (is_small(request)) return std::nullopt;
    return refusal(request.path, 413, "too-long", "the body is over the limit");
}

}  // namespace consultd::web
