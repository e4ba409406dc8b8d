// The FHIR interactions of the sandbox: https://hl7.org/fhir/R4/http.html.
#include <algorithm>
#include <charconv>
#include <set>

#include "fhir/base/crypto.h"
#include "fhir/resource.h"
#include "samples/sandbox/sandbox.h"
#include "samples/sandbox/search_parameters.h"

namespace consultd::sandbox {

using fhir::Json;
using fhir::JsonView;
using web::ServerRequest;
using web::ServerResponse;

namespace {

Error not_found() {
    return Error(ErrorKind::NotFound, "there is no such resource").with("issue", "not-found");
}

ServerResponse not_allowed() {
    return outcome_response(Error(ErrorKind::Malformed, "this interaction is not known here")
                                .with("status", 405)
                                .with("issue", "not-supported"));
}

void add_version(ServerResponse& response, const Stored& stored) {
    response.headers.emplace_back("ETag", "W/\"" + std::to_string(stored.version) + "\"");
}

// https://hl7.org/fhir/R4/binary.html#rest: raw unless FHIR is asked for.
bool wants_raw(const ServerRequest& request) {
    const std::string_view accept = request.header("Accept").value_or("application/fhir+json");
    return accept.find("fhir+json") == std::string_view::npos &&
           accept.find("application/json") == std::string_view::npos;
}

bool is_fhir_json(const ServerRequest& request) {
    const std::string_view type = request.header("Content-Type").value_or("");
    return type.starts_with("application/fhir+json") || type.starts_with("application/json");
}

Result<Parameters> parameters_of(const ServerRequest& request) {
    TRY_ASSIGN(Parameters parameters, parse_query(request.query));
    if (request.method != "POST") return parameters;
    if (!request.header("Content-Type")
             .value_or("")
             .starts_with("application/x-www-form-urlencoded"))
        return Error(ErrorKind::Malformed, "a search by POST is a form").with("status", 415);
    TRY_ASSIGN(Parameters more, parse_query(request.body));
    parameters.insert(parameters.end(), more.begin(), more.end());
    return parameters;
}

std::size_t number_in(const Parameters& parameters, std::string_view name) {
    std::size_t number = 0;
    for (const auto& [known, value] : parameters)
        if (known == name) std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
}

std::string value_in(const Parameters& parameters, std::string_view name) {
    for (const auto& [known, value] : parameters)
        if (known == name) return value;
    return {};
}

// A transaction's answer as a habit tells it.
Json told(const Habits& habits, const Json& answer) {
    if (!habits.says_known && habits.says_where) return answer;
    std::vector<Json> entries;
    for (const JsonView item : answer["entry"].items()) {
        Json response = answer.share(item["response"]);
        if (habits.says_known && response["status"].string() == "201 Created")
            response = response.with("status", "200 OK");
        if (!habits.says_where) response = response.without("location");
        entries.push_back(Json::object({{"response", response}}));
    }
    return answer.with("entry", Json::array(std::move(entries)));
}

// What a careless server mixes into the results: the same, of another patient.
Json decoy_of(const Json& resource) {
    Links links;
    for (const std::string& reference : references_of(resource))
        if (reference_key(reference).starts_with("Patient/"))
            links.emplace(reference, "Patient/another-patient");
    return rewrite_links(resource, links)
        .with("id", "decoy-" + std::string(resource["id"].string()).substr(0, 50));
}

Json entry_of(const std::string& base, const Json& resource, std::string_view mode) {
    const std::string key =
        std::string(resource["resourceType"].string()) + "/" + std::string(resource["id"].string());
    return Json::object({{"fullUrl", base + "/" + key},
                         {"resource", resource},
                         {"search", Json::object({{"mode", mode}})}});
}

Json link_of(std::string_view relation, const std::string& url) {
    return Json::object({{"relation", relation}, {"url", url}});
}

}  // namespace

ServerResponse Sandbox::interact(const ServerRequest& request, const Route& route) {
    const bool is_get = request.method == "GET" || request.method == "HEAD";
    if (route.type.empty()) return is_get ? read_page(request) : write(request, route);
    if (route.operation == "$everything" && route.type == "Patient" && is_get &&
        options_.everything)
        return read_everything(request, route);
    if (route.operation == "_search" && request.method == "POST" && route.id.empty())
        return search_cached(request, route);
    if (!route.operation.empty()) return not_allowed();
    if (is_get) return route.id.empty() ? search_cached(request, route) : read(request, route);
    return write(request, route);
}

ServerResponse Sandbox::read(const ServerRequest& request, const Route& route) {
    drop_what_was_read();
    const Store& seen = lagging_reads_.seen(store_, clock_.now(), options_.habits.read_lag);
    const Stored* stored = seen.find(route.type, route.id);
    if (stored == nullptr) return outcome_response(not_found());
    if (stored->deleted())
        return outcome_response(Error(ErrorKind::NotFound, "the resource was deleted")
                                    .with("status", 410)
                                    .with("issue", "deleted"));
    if (version_of_etag(request.header("If-None-Match").value_or("")) ==
        std::to_string(stored->version))
        return {304, {}, {}, false};
    ServerResponse response = json_response(200, stored->json);
    if (route.type == "Binary" && (wants_raw(request) || options_.habits.raw_binaries)) {
        const auto bytes =
            crypto::from_base64(stored->json["data"].string(), crypto::WhiteSpace::Skip);
        response.headers[0].second = stored->json["contentType"].string();
        response.body = bytes.value_or("");
    }
    add_version(response, *stored);
    return response;
}

// As one that looks at what came when its answer is given already.
void Sandbox::drop_what_was_read() {
    if (options_.habits.reads_then_drop == 0 || ++reads_ != options_.habits.reads_then_drop) return;
    const auto& observations = store_.of_type("Observation");
    if (!observations.empty()) store_.remove("Observation", observations.begin()->first);
}

WriteRules Sandbox::write_rules() {
    WriteRules rules = options_.write;
    rules.conditions = options_.habits.honours_conditions;
    rules.binary_conditions = options_.habits.binary_conditions;
    rules.update_create = rules.update_create || options_.habits.only_puts;
    // A lagging index is a copy that a write cannot change under the condition.
    if (options_.habits.index_lag.count() != 0) rules.index = &index();
    return rules;
}

// What searches and conditions see of the store.
const Store& Sandbox::index() {
    return index_.seen(store_, clock_.now(), options_.habits.index_lag);
}

ServerResponse Sandbox::search_cached(const ServerRequest& request, const Route& route) {
    const Habits& habits = options_.habits;
    if ((route.type == "Task" && !habits.task_searches) ||
        (request.method == "GET" && !habits.get_searches))
        return outcome_response(Error(ErrorKind::Forbidden, "this is not searched here")
                                    .with("status", habits.get_searches ? 403 : 405)
                                    .with("issue", "forbidden"));
    const std::string search = route.type + "?" + request.query + "\n" + request.body;
    const bool may_be_old =
        request.header("Cache-Control").value_or("").find("no-cache") == std::string_view::npos;
    if (const auto known = cache_.find(search, clock_.now(), options_.habits.cache);
        known && may_be_old)
        return {200, {{"Content-Type", "application/fhir+json"}}, *known, false};
    ServerResponse response = search_type(request, route);
    if (options_.habits.cache.count() != 0 && response.status == 200)
        cache_.keep(search, response.body, clock_.now());
    return response;
}

ServerResponse Sandbox::search_type(const ServerRequest& request, const Route& route) {
    const auto parameters = parameters_of(request);
    if (!parameters) return outcome_response(parameters.error());
    auto result = search(index(), route.type, *parameters, options_.search);
    if (!result) return outcome_response(result.error());
    std::string self = base_ + "/" + route.type;
    // After a search by POST the parameters stay out of every URL.
    if (request.method == "GET") self += request.query.empty() ? "" : "?" + request.query;
    const std::size_t asked = result->count == 0 ? options_.page_size : result->count;
    return print_page(*result, {}, 0, std::min(asked, options_.page_size_max), self);
}

ServerResponse Sandbox::read_everything(const ServerRequest& request, const Route& route) {
    const auto parameters = parse_query(request.query);
    if (!parameters) return outcome_response(parameters.error());
    const std::string patient = "Patient/" + route.id;
    if (store_.find_alive(patient) == nullptr) return outcome_response(not_found());
    SearchResult result;
    std::set<std::string> seen{patient};
    result.matches.push_back(patient);
    const auto add = [&](const std::string& key) {
        if (store_.find_alive(key) != nullptr && seen.insert(key).second)
            result.matches.push_back(key);
    };
    for (const auto& [type, by_id] : store_.all()) {
        const SearchParameter* parameter = find_search_parameter(type, "patient");
        if (parameter == nullptr) continue;
        for (const auto& [id, stored] : by_id)
            for (const JsonView value : values_at(stored.json, parameter->paths))
                if (reference_key(value["reference"].string()) == patient) add(type + "/" + id);
    }
    const std::vector<std::string> compartment = result.matches;
    for (const std::string& key : compartment)
        for (const std::string& reference : references_of(store_.find_alive(key)->json))
            if (const std::string target = reference_key(reference);
                !target.starts_with("Patient/"))
                add(target);
    const std::size_t asked = number_in(*parameters, "_count");
    const std::size_t count =
        asked == 0 ? options_.page_size : std::min(asked, options_.page_size_max);
    return print_page(result, {}, 0, count, base_ + "/" + patient + "/$everything");
}

ServerResponse Sandbox::read_page(const ServerRequest& request) {
    const auto parameters = parse_query(request.query);
    if (!parameters) return outcome_response(parameters.error());
    const std::string id = value_in(*parameters, "_getpages");
    const SearchResult* result = pages_.find(id);
    if (result == nullptr)
        return outcome_response(
            Error(ErrorKind::NotFound, "the search has expired").with("status", 410));
    const std::size_t count =
        std::clamp<std::size_t>(number_in(*parameters, "_count"), 1, options_.page_size_max);
    return print_page(SearchResult(*result), id, number_in(*parameters, "_getpagesoffset"), count,
                      base_ + "?" + request.query);
}

ServerResponse Sandbox::print_page(const SearchResult& result, std::string id, std::size_t offset,
                                   std::size_t count, const std::string& self) {
    const std::size_t total = result.matches.size();
    const std::size_t start = result.count_only ? total : std::min(offset, total);
    const std::size_t end = std::min(start + count, total);
    const std::vector<std::string> page(result.matches.begin() + static_cast<std::ptrdiff_t>(start),
                                        result.matches.begin() + static_cast<std::ptrdiff_t>(end));
    const auto included = follow_includes(store_, page, result);
    if (!included) return outcome_response(included.error());
    std::vector<Json> entries;
    for (const std::string& key : page)
        if (const Stored* stored = store_.find_alive(key))
            entries.push_back(entry_of(base_, stored->json, "match"));
    if (!entries.empty() && faults_.take("decoy"))
        entries.push_back(entry_of(base_, decoy_of(entries.front().get("resource")), "match"));
    for (const std::string& key : *included)
        entries.push_back(entry_of(base_, store_.find_alive(key)->json, "include"));
    std::vector<Json> links{link_of("self", self)};
    if (faults_.take("loop-next")) {
        links.push_back(link_of("next", self));
    } else if (const auto foreign = faults_.take("foreign-next")) {
        links.push_back(link_of(
            "next", foreign->empty() ? "https://elsewhere.invalid/fhir?_getpages=1" : *foreign));
    } else if (end < total && !result.count_only) {
        if (id.empty()) id = pages_.keep(result);
        links.push_back(link_of("next", base_ + "?_getpages=" + id +
                                            "&_getpagesoffset=" + std::to_string(end) +
                                            "&_count=" + std::to_string(count)));
    }
    const std::size_t said = total + (faults_.take("lying-total") ? 1000 : 0);
    return json_response(
        200, Json::object({{"resourceType", "Bundle"},
                           {"type", "searchset"},
                           {"total", Json(static_cast<std::int64_t>(said))},
                           {"link", Json::array(std::move(links))},
                           {"entry", entries.empty() ? Json() : Json::array(std::move(entries))}}));
}

ServerResponse Sandbox::write_bundle(const Json& bundle) {
    const std::string_view type = bundle["type"].string();
    if (bundle["resourceType"].string() != "Bundle" || (type != "transaction" && type != "batch"))
        return outcome_response(
            Error(ErrorKind::Malformed, "the base takes a transaction or a batch")
                .with("issue", "invalid"));
    if (const auto refusal = refusal_of(options_.habits, bundle)) return outcome_response(*refusal);
    const auto answer = type == "batch" ? apply_batch(store_, bundle, write_rules(), clock_.now())
                        : options_.habits.entry_by_entry
                            ? apply_each(store_, bundle, write_rules(), clock_.now())
                            : apply_transaction(store_, bundle, write_rules(), clock_.now());
    return answer ? json_response(200, told(options_.habits, *answer))
                  : outcome_response(answer.error());
}

ServerResponse Sandbox::write(const ServerRequest& request, const Route& route) {
    if (request.method == "DELETE" && !route.id.empty()) {
        store_.remove(route.type, route.id);
        return {204, {}, {}, false};
    }
    const bool is_create = request.method == "POST" && route.id.empty();
    if (!is_create && (request.method != "PUT" || route.id.empty())) return not_allowed();
    if (request.method == "POST" && options_.habits.only_puts) return not_allowed();
    fhir::JsonLimits limits;
    limits.bytes_max = std::size_t{256} << 20;
    const bool raw = route.type == "Binary" && !is_fhir_json(request);
    if (!raw && !is_fhir_json(request))
        return outcome_response(
            Error(ErrorKind::Malformed, "the body is not FHIR JSON").with("status", 415));
    const Result<Json> body =
        raw ? Result<Json>(Json::object(
                  {{"resourceType", "Binary"},
                   {"contentType",
                    request.header("Content-Type").value_or("application/octet-stream")},
                   {"data", crypto::base64(request.body)}}))
            : Json::parse(request.body, limits);
    if (!body) return outcome_response(body.error());
    if (route.type.empty()) return write_bundle(*body);
    if ((*body)["resourceType"].string() != route.type)
        return outcome_response(
            Error(ErrorKind::Malformed, "the resource is not of the url's type"));
    return store_one(request, route, *body);
}

ServerResponse Sandbox::store_one(const ServerRequest& request, const Route& route,
                                  const Json& resource) {
    const Habits& habits = options_.habits;
    const bool is_new_put =
        request.method == "PUT" && store_.find_alive(route.type, route.id) == nullptr;
    const bool is_create = request.method == "POST" || (is_new_put && habits.gives_own_ids);
    const auto written =
        is_create ? create(store_, resource, request.header("If-None-Exist").value_or(""),
                           write_rules(), clock_.now())
                  : update(store_, route.type, route.id, resource,
                           request.header("If-Match").value_or(""), write_rules(), clock_.now());
    if (!written) return outcome_response(written.error());
    const Stored& stored = *store_.find_alive(written->key);
    ServerResponse response =
        json_response(written->created && !habits.says_known ? 201 : 200, stored.json);
    add_version(response, stored);
    if (!habits.says_where) return {response.status, {}, {}, false};
    response.headers.emplace_back(
        "Location", base_ + "/" + written->key + "/_history/" + std::to_string(written->version));
    if (request.header("Prefer").value_or("").find("return=minimal") != std::string_view::npos)
        response.body.clear();
    return response;
}

}  // namespace consultd::sandbox
