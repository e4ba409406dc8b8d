// Router: which requests there are, who may ask them, and who answers: one table, in which a
// request has one row or none. What has no row does not exist, and who may not ask learns nothing
// of what does. It must not know FHIR, nor what a handler does. Methods: RFC 9110 §9; a refused
// one: §15.5.6. Paths: RFC 3986 §3.3, compared as the server has decoded them, by segments, in
// their case; nothing in them is taken away or added: neither an empty segment ("//", a slash at
// the end) nor "." and "..".
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "adapter/web/operators.h"
#include "adapter/web/server/server.h"

namespace consultd::web {

// Operators by their roles. The strictest first: what is forgotten is refused.
enum class WhoMay {
    Operate,    // those who may everything
    Transfers,  // those who order transfers; whose they see is for the handler to look at
    Audit,      // those who read the audit log
    Operator,   // any of them
    // Patients, who are no operators: the portal's handlers know its own sessions. Their forms are
    // small, and read.
    Patient,
    Anyone,
};

struct RoutedRequest {
    const ServerRequest& http;
    std::string_view id;   // what stands for "{id}"; empty where the pattern has none
    const Caller& caller;  // nobody, where anyone may
};
using RouteHandler = std::function<ServerResponse(const RoutedRequest&)>;

struct Route {
    std::string_view method;   // "GET" is for HEAD too
    std::string_view pattern;  // "/fhir/Task/{id}": one segment that is an id of FHIR's
    WhoMay who = WhoMay::Operate;
    RouteHandler handler;
};

// What stands for "{id}", empty where the pattern has none; absent: the path is not of the pattern.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path);

class Router {
public:
    // `operators` must outlive it. No two routes may match one request.
    Router(const Operators& operators, std::vector<Route> routes)
        : operators_(operators), routes_(std::move(routes)) {}

    std::span<const Route> routes() const { return routes_; }
    // The answer of the handler, or the refusal: 401 for whom we do not know, 403 for whom we know
    // and who may not, 404 for what is not there, 405 with `Allow` for what is there under other
    // methods.
    ServerResponse handle(const ServerRequest& request) const;
    // The same refusal before a body is read, and nobody's body is read but an operator's, and a
    // patient's form of 16 KiB at most. Hashes a token, and does not block.
    std::optional<ServerResponse> before_body(const ServerRequest& request) const;

private:
    struct Chosen {
        const Route& route;
        std::string_view id;
    };
    std::variant<Chosen, ServerResponse> choose(const ServerRequest& request,
                                                const Caller& caller) const;

    const Operators& operators_;
    std::vector<Route> routes_;
};

}  // namespace consultd::web
