#include "samples/sandbox/sandbox.h"

#include <algorithm>
#include <charconv>
#include <thread>

#include "fhir/operation_outcome.h"
#include "fhir/resource.h"
#include "samples/sandbox/sign_in_pages.h"

namespace consultd::sandbox {

using fhir::Json;
using web::ServerRequest;
using web::ServerResponse;

namespace {

constexpr std::string_view base_path = "/fhir";
constexpr std::size_t received_bytes_max = std::size_t{256} << 20;
constexpr std::size_t deep_json_levels = 100'000;

long number_of(const std::string& text, long otherwise) {
    long number = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool is_write(const ServerRequest& request) {
    if (request.method == "POST") return !request.path.ends_with("/_search");
    return request.method == "PUT" || request.method == "DELETE";
}

char right_of(const ServerRequest& request, bool has_id) {
    if (request.method == "PUT") return 'u';
    if (request.method == "DELETE") return 'd';
    if (request.method == "POST" && is_write(request)) return 'c';
    return has_id ? 'r' : 's';
}

ServerResponse unauthorized() {
    ServerResponse response = outcome_response(
        Error(ErrorKind::Unauthorized, "a valid access token is needed").with("issue", "login"));
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace

ServerResponse json_response(int status, const Json& body) {
    return {
        status,
        {{"Content-Type", "application/fhir+json;charset=UTF-8"}, {"Cache-Control", "no-store"}},
        body.print(),
        false};
}

ServerResponse outcome_response(const Error& error) {
    return json_response(status_of(error), outcome_of(error));
}

Sandbox::Sandbox(SandboxOptions options, const Clock& clock, Random& random)
    : options_(options),
      clock_(clock),
      tokens_(clock, random),
      sign_in_(clock, random, faults_),
      pages_(random),
      bulk_jobs_(options.habits.bulk) {
    set_origin("http://localhost");
}

void Sandbox::set_origin(const std::string& origin) {
    const std::scoped_lock lock(mutex_);
    origin_ = origin;
    base_ = origin + std::string(base_path);
    tokens_.set_token_url(origin + "/token");
    sign_in_.set_origin(origin);
}

ServerResponse Sandbox::handle(const ServerRequest& request) {
    std::optional<std::string> delay;
    if (request.path.starts_with(base_path)) {
        const std::scoped_lock lock(mutex_);
        delay = faults_.take("slow");
    }
    if (delay) std::this_thread::sleep_for(std::chrono::milliseconds(number_of(*delay, 1000)));
    const bool is_slow = request.path.starts_with(base_path) && is_write(request);
    // Its client may have gone by then; what it asked for is stored all the same.
    if (is_slow) std::this_thread::sleep_for(options_.habits.commit);
    const std::scoped_lock lock(mutex_);
    return answer(request);
}

ServerResponse Sandbox::answer(const ServerRequest& request) {
    if (request.path.starts_with("/sandbox/")) return answer_admin(request);
    if (request.path == "/token") return answer_token(request);
    if (request.path == "/authorize" || request.path.starts_with("/authorize/"))
        return answer_sign_in(sign_in_, store_, request);
    if (request.path == "/jwks")
        return {200, {{"Content-Type", "application/json"}}, sign_in_.jwks(), false};
    if (request.path == "/register" && request.method == "POST" && sign_in_.lets_register()) {
        const auto about = Json::parse(std::string(request.body));
        const auto client = about ? sign_in_.register_client(*about) : Result<Json>(about.error());
        if (client) return json_response(201, *client);
        return json_response(400, Json::object({{"error", client.error().text().view()}}));
    }
    if (request.path == "/revoke" && request.method == "POST") {
        if (const auto form = parse_query(request.body)) sign_in_.revoke(*form, tokens_);
        return {200, {}, {}, false};
    }
    const bool is_export = request.path.starts_with("/bulk/") || request.path.ends_with("/$export");
    if (is_export && options_.habits.bulk.offered) return answer_export(request);
    const bool below = request.path.starts_with(std::string(base_path) + "/");
    if (below || request.path == base_path) return answer_fhir(request);
    return outcome_response(Error(ErrorKind::NotFound, "there is nothing here"));
}

bool Sandbox::has_token(const ServerRequest& request) {
    const std::string_view header = request.header("Authorization").value_or("");
    return header.starts_with("Bearer ") && tokens_.use(header.substr(7)) != nullptr;
}

ServerResponse Sandbox::answer_export(const ServerRequest& request) {
    const bool is_job = request.path.starts_with("/bulk/");
    const std::string_view path = std::string_view(request.path).substr(6);
    const bool needs_token = !is_job || bulk_jobs_.needs_token(path);
    if (options_.needs_token && needs_token && !has_token(request)) return unauthorized();
    // What opens the record is not to be handed to whoever keeps files.
    if (!needs_token && request.header("Authorization"))
        return outcome_response(
            Error(ErrorKind::Forbidden, "no token is wanted here").with("issue", "forbidden"));
    if (is_job) return bulk_jobs_.answer(request, path, origin_);
    std::string group;
    if (path.starts_with("Group/")) group = path.substr(6, path.rfind('/') - 6);
    return bulk_jobs_.start(request, group, store_, origin_);
}

ServerResponse Sandbox::answer_token(const ServerRequest& request) {
    const auto reply = [](int status, const Json& body) {
        ServerResponse response = json_response(status, body);
        response.headers[0].second = "application/json";
        response.headers.emplace_back("Pragma", "no-cache");
        return response;
    };
    const auto form = parse_query(request.body);
    if (request.method != "POST" || !form)
        return reply(400, Json::object({{"error", "invalid_request"}}));
    const bool is_daemon = std::ranges::any_of(
        *form, [](const auto& field) { return field.second == "client_credentials"; });
    const std::string_view basic = request.header("Authorization").value_or("");
    const auto granted =
        is_daemon || !sign_in_.has_clients()
            ? tokens_.grant(*form)
            : sign_in_.grant(*form, basic.substr(std::min<std::size_t>(6, basic.size())), tokens_);
    if (granted && !is_daemon && sign_in_.answer_is_lost(*form)) return {0, {}, {}, true};
    if (granted) return reply(200, *granted);
    std::string_view code = "invalid_request";
    for (const Error::Detail& detail : granted.error().details())
        if (detail.name.view() == "oauth") code = detail.text.view();
    return reply(
        code == "invalid_client" ? 401 : 400,
        Json::object({{"error", code}, {"error_description", granted.error().text().view()}}));
}

ServerResponse Sandbox::answer_fhir(const ServerRequest& request) {
    std::string_view path = request.path;
    path.remove_prefix(base_path.size());
    if (path == "/metadata") return json_response(200, capability_statement());
    if (path == "/.well-known/smart-configuration") {
        ServerResponse response = json_response(200, smart_configuration());
        response.headers[0].second = "application/json";
        return response;
    }
    std::vector<std::string> parts;
    while (path.size() > 1) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        parts.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    Route route;
    if (!parts.empty()) route.type = parts[0];
    if (parts.size() > 1) (parts[1] == "_search" ? route.operation : route.id) = parts[1];
    if (parts.size() > 2) route.operation = parts[2];
    if (parts.size() > 3 || (!route.type.empty() && !fhir::is_resource_type(route.type)))
        return outcome_response(Error(ErrorKind::NotFound, "unknown resource type or operation"));
    faults_.at(is_write(request), !received_.empty());
    if (auto refusal = refuse(request, route)) return std::move(*refusal);
    if (auto failure = fail_first(request, route)) return std::move(*failure);
    if (is_write(request)) {
        if (faults_.take("hang-up-before-commit")) return {0, {}, {}, true};
        received_.push_back({request.method, request.path,
                             std::string(request.header("Content-Type").value_or("")),
                             request.body});
        received_bytes_ += request.body.size();
        while (received_bytes_ > received_bytes_max && received_.size() > 1) {
            received_bytes_ -= received_.front().body.size();
            received_.pop_front();
        }
    }
    if (is_write(request) && options_.habits.body_bytes_max != 0 &&
        request.body.size() > options_.habits.body_bytes_max)
        return outcome_response(Error(ErrorKind::TooLarge, "the body is too large")
                                    .with("status", 413)
                                    .with("issue", "too-long"));
    if (is_write(request) && options_.habits.index_lag.count() != 0)
        index_.remember(store_, clock_.now());
    if (is_write(request) && options_.habits.read_lag.count() != 0)
        lagging_reads_.remember(store_, clock_.now());
    const Store before = is_write(request) ? store_ : Store();
    ServerResponse response = interact(request, route);
    if (is_write(request)) {
        reads_ = 0;
        spoil_what_is_new(options_.habits, before, store_, clock_.now());
        if (response.status < 300 && !options_.habits.says_what) return {202, {}, {}, false};
    }
    if (is_write(request) && response.status < 300 && options_.habits.commits_then_refuses)
        return outcome_response(Error(ErrorKind::Malformed, "the content is not taken")
                                    .with("status", 422)
                                    .with("issue", "processing"));
    if (is_write(request) && response.status < 300 && faults_.take("commit-and-hang-up"))
        return {0, {}, {}, true};
    if (!is_write(request) && response.status == 200) spoil(response);
    return response;
}

std::optional<ServerResponse> Sandbox::refuse(const ServerRequest& request, const Route& route) {
    if (options_.needs_token) {
        const std::string_view header = request.header("Authorization").value_or("");
        if (!header.starts_with("Bearer ") && !header.starts_with("bearer ")) return unauthorized();
        const std::string_view token = header.substr(7);
        const Grant* grant = tokens_.use(token);
        if (grant == nullptr) return unauthorized();
        // In the middle of a pull: the token has already served.
        if (grant->uses > 1 && faults_.take("token-dies")) {
            tokens_.revoke(token);
            return unauthorized();
        }
        // At the base: pages, which their search was asked for, and Bundles, whose entries are
        // many.
        const std::string_view type = route.type.empty() ? "*" : std::string_view(route.type);
        const bool free = route.type.empty() && request.method == "GET";
        if (!is_for_patient(request, route, *grant))
            return outcome_response(Error(ErrorKind::Forbidden, "the token is another patient's")
                                        .with("issue", "forbidden"));
        if (!free && !grant->allows(type, right_of(request, !route.id.empty())))
            return outcome_response(Error(ErrorKind::Forbidden, "the scope does not allow this")
                                        .with("issue", "forbidden"));
    }
    if (faults_.take("forbid", route.type))
        return outcome_response(
            Error(ErrorKind::Forbidden, "this type is not given out").with("issue", "forbidden"));
    if (is_write(request) && !options_.writable)
        return outcome_response(Error(ErrorKind::Malformed, "this server takes no writes")
                                    .with("status", 405)
                                    .with("issue", "not-supported"));
    return std::nullopt;
}

// A patient's own token opens nobody else's record.
bool Sandbox::is_for_patient(const ServerRequest& request, const Route& route,
                             const Grant& grant) const {
    if (grant.patient.empty()) return true;
    if (route.type == "Patient" && !route.id.empty()) return route.id == grant.patient;
    const auto query = parse_query(request.method == "POST" ? std::string_view(request.body)
                                                            : std::string_view(request.query));
    if (!query) return true;
    return std::ranges::all_of(*query, [&](const auto& parameter) {
        if (parameter.first != "patient" && parameter.first != "subject") return true;
        return parameter.second == grant.patient || parameter.second == "Patient/" + grant.patient;
    });
}

std::optional<ServerResponse> Sandbox::fail_first(const ServerRequest& request,
                                                  const Route& route) {
    if (faults_.take("http-503"))
        return outcome_response(
            Error(ErrorKind::Unavailable, "busy").with("status", 503).with("issue", "transient"));
    if (const auto seconds = faults_.take("rate-limit")) {
        ServerResponse response =
            outcome_response(Error(ErrorKind::RateLimited, "too many requests")
                                 .with("status", 429)
                                 .with("issue", "throttled"));
        response.headers.emplace_back("Retry-After", std::to_string(number_of(*seconds, 1)));
        return response;
    }
    if (const auto target = faults_.take("redirect"))
        return ServerResponse{
            302,
            {{"Location",
              target->empty() ? "https://elsewhere.invalid/fhir/" + route.type : *target}},
            {},
            false};
    const bool is_page = route.type.empty() && request.method == "GET";
    if (is_page && faults_.take("expired-page"))
        return outcome_response(
            Error(ErrorKind::NotFound, "the search has expired").with("status", 410));
    return std::nullopt;
}

void Sandbox::spoil(ServerResponse& response) {
    if (faults_.take("wrong-content-type")) response.headers[0].second = "text/html;charset=UTF-8";
    if (faults_.take("cut-json")) response.body.resize(response.body.size() / 2);
    if (faults_.take("deep-json"))
        response.body = std::string(deep_json_levels, '[') + std::string(deep_json_levels, ']');
}

}  // namespace consultd::sandbox
