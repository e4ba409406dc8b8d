#include "adapter/web/fhir_api.h"

#include <algorithm>
#include <array>

#include "adapter/web/task.h"
#include "fhir/operation_outcome.h"
#include "fhir/reference.h"
#include "fhir/resource.h"

namespace consultd::web {
namespace {

using fhir::Json;

constexpr std::size_t count_default = 50;
constexpr std::size_t count_most = 1000;

ServerResponse answer(int status, std::string body, std::string content_type) {
    return {.status = status,
            .headers = {{"Content-Type", std::move(content_type)},
                        {"Cache-Control", "no-store"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
                        {"Referrer-Policy", "no-referrer"}},
            .body = std::move(body)};
}

ServerResponse fhir_answer(int status, const Json& body) {
    return answer(status, body.print(), "application/fhir+json; charset=utf-8");
}

ServerResponse outcome(int status, StaticText code, StaticText text) {
    return fhir_answer(status, fhir::operation_outcome("error", code, text));
}

ServerResponse outcome(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::Malformed:
            return outcome(400, "invalid", error.text());
        case ErrorKind::TooLarge:
            return outcome(413, "too-long", error.text());
        case ErrorKind::NotFound:
            return outcome(404, "not-found", error.text());
        case ErrorKind::Conflict:
            return outcome(409, "conflict", error.text());
        default:
            return outcome(500, "exception", "the request could not be handled");
    }
}

// One parameter of a query string, decoded; empty where there is none. "+" means a space (HTML
// forms).
std::string parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
        std::string value(pair.substr(equals + 1));
        std::replace(value.begin(), value.end(), '+', ' ');
        std::string out;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const auto byte = value[i] == '%' && i + 2 < value.size()
                                  ? crypto::from_hex(value.substr(i + 1, 2))
                                  : std::nullopt;
            out += byte ? (i += 2, (*byte)[0]) : value[i];
        }
        return out;
    }
    return {};
}

ServerResponse unauthorized() {
    ServerResponse refused = outcome(401, "login", "an operator's token or certificate is needed");
    refused.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"consultd\"");
    return refused;
}

// RFC 9110 §15.5.6: a 405 says what is allowed instead.
ServerResponse not_allowed(StaticText text, StaticText methods) {
    ServerResponse refused = outcome(405, "not-supported", text);
    refused.headers.emplace_back("Allow", methods.view());
    return refused;
}

}  // namespace

std::optional<ServerResponse> FhirApi::before_body(const ServerRequest& request) const {
    if (parts_.operators.authenticate(request)) return std::nullopt;
    return unauthorized();
}

ServerResponse FhirApi::handle(const ServerRequest& request) {
    const std::string_view path = request.path;
    // Public: nothing about any patient.
    const bool get = request.method == "GET" || request.method == "HEAD";
    if (get && path == "/healthz") return answer(200, "ok\n", "text/plain; charset=utf-8");
    if (get && path == "/readyz") return readiness();
    if (get && path == "/fhir/metadata") return metadata();
    if (get && path == "/.well-known/jwks.json")
        return answer(200, parts_.jwks, "application/json");

    // Everything else is for operators. Who is not one learns nothing of what there is.
    if (!parts_.operators.authenticate(request)) return unauthorized();
    constexpr std::string_view tasks = "/fhir/Task";
    if (path == tasks && request.method == "POST") return create_task(request);
    if (path == tasks && get) return search_tasks(request);
    if (path.starts_with("/fhir/Task/")) {
        std::string_view id = path.substr(tasks.size() + 1);
        constexpr std::string_view operation = "/$cancel";
        if (id.ends_with(operation) && request.method == "POST")
            return cancel_task(id.substr(0, id.size() - operation.size()));
        if (get && fhir::is_id(id)) return read_task(id);
        if (fhir::is_id(id))
            return not_allowed("a Task is read or cancelled here", "GET, HEAD");
    }
    if (path == tasks)
        return not_allowed("Tasks are created and searched here", "GET, HEAD, POST");
    return outcome(404, "not-found", "there is nothing here");
}

ServerResponse FhirApi::metadata() const {
    const auto interaction = [](std::string_view code) { return Json::object({{"code", code}}); };
    const auto parameter_of = [](std::string_view name, std::string_view type) {
        return Json::object({{"name", name}, {"type", type}});
    };
    const Json task = Json::object(
        {{"type", "Task"},
         {"interaction",
          Json::array({interaction("read"), interaction("create"), interaction("search-type")})},
         {"searchParam",
          Json::array({parameter_of("status", "token"), parameter_of("patient", "reference")})},
         {"operation",
          Json::array({Json::object(
              {{"name", "cancel"}, {"definition", "urn:consultd:operation:cancel"}})})}});
    return fhir_answer(
        200,
        Json::object({{"resourceType", "CapabilityStatement"},
                      {"status", "active"},
                      {"date", "2026-11-23"},
                      {"kind", "instance"},
                      {"software", Json::object({{"name", "consultd"}})},
                      {"implementation",
                       Json::object({{"description", "Record transfers for second opinions"}})},
                      {"fhirVersion", "4.0.1"},
                      {"format", Json::array({Json("json")})},
                      {"rest", Json::array({Json::object(
                                   {{"mode", "server"}, {"resource", Json::array({task})}})})}}));
}

ServerResponse FhirApi::readiness() const {
    const Status ready = parts_.ready();
    const Json body =
        ready ? Json::object({{"ready", Json(true)}})
              : Json::object({{"ready", Json(false)}, {"reason", ready.error().text().view()}});
    return answer(ready ? 200 : 503, body.print() + "\n", "application/json");
}

ServerResponse FhirApi::create_task(const ServerRequest& request) {
    const auto type = request.header("Content-Type").value_or("");
    if (!type.starts_with("application/fhir+json") && !type.starts_with("application/json"))
        return outcome(415, "not-supported", "the body must be application/fhir+json");
    const Result<Json> task = Json::parse(request.body);
    if (!task) return outcome(task.error());
    const Result<Order> order = order_from_task(*task, parts_.config);
    if (!order) return outcome(order.error());
    const Result<PlacedOrder> placed =
        place_order(*order, parts_.config, parts_.sealer, parts_.clock, parts_.random);
    if (!placed) return outcome(placed.error());
    const Status created = parts_.store.create(placed->transfer, placed->parts);
    if (!created) return outcome(created.error());
    parts_.on_new_transfer();
    ServerResponse response = fhir_answer(201, task_of(placed->transfer));
    response.headers.emplace_back(
        "Location", parts_.config.listen.public_url + "/fhir/Task/" + placed->transfer.id);
    return response;
}

Json FhirApi::task_of(const Transfer& transfer) {
    std::string patient, receipt;
    const Result<Order> order = load_order(parts_.store, parts_.sealer, transfer);
    const auto source = parts_.config.sources.find(transfer.source);
    if (order && !order->patient_id.empty() && source != parts_.config.sources.end())
        patient = source->second.fhir_base_url.below("Patient/" + order->patient_id).text();
    if (is_delivered(transfer.state))
        if (Result<std::string> part =
                open_part(parts_.store, parts_.sealer, transfer.id, "receipt"))
            receipt = std::move(*part);
    return task_from_transfer(transfer, patient, receipt);
}

ServerResponse FhirApi::read_task(std::string_view id) {
    const Result<std::optional<Transfer>> found = parts_.store.find(std::string(id));
    if (!found) return outcome(found.error());
    if (!*found) return outcome(404, "not-found", "there is no such Task");
    return fhir_answer(200, task_of(**found));
}

Result<std::vector<Transfer>> FhirApi::find_tasks(std::string_view status, std::string_view patient,
                                                  std::size_t count_max) {
    StoreFilter filter{.count_max = count_max};
    if (!status.empty()) {
        for (int i = 0; i <= static_cast<int>(TransferState::Failed); ++i)
            if (task_status_of(static_cast<TransferState>(i)) == status)
                filter.states.push_back(static_cast<TransferState>(i));
        if (filter.states.empty()) return std::vector<Transfer>{};
    }
    if (patient.empty()) return parts_.store.list(filter);
    // The store knows patients by pseudonym alone, one for each source.
    const fhir::Reference reference = fhir::Reference::parse(patient);
    const std::string patient_id(reference.id.empty() ? patient : reference.id);
    std::vector<Transfer> all;
    for (const auto& [key, source] : parts_.config.sources) {
        filter.patient_pseudonym = parts_.sealer.pseudonym(key + "|" + patient_id, "patient");
        TRY_ASSIGN(std::vector<Transfer> found, parts_.store.list(filter));
        all.insert(all.end(), found.begin(), found.end());
    }
    if (all.size() > count_max) all.resize(count_max);
    return all;
}

ServerResponse FhirApi::search_tasks(const ServerRequest& request) {
    std::size_t count = count_default;
    if (const std::string text = parameter(request.query, "_count"); !text.empty()) {
        if (text.size() > 4 || text.find_first_not_of("0123456789") != std::string::npos)
            return outcome(400, "invalid", "_count must be a number");
        count = std::min<std::size_t>(static_cast<std::size_t>(std::stoul(text)), count_most);
    }
    const Result<std::vector<Transfer>> found =
        find_tasks(parameter(request.query, "status"), parameter(request.query, "patient"), count);
    if (!found) return outcome(found.error());
    std::vector<Json> entries;
    for (const Transfer& transfer : *found)
        entries.push_back(Json::object(
            {{"fullUrl", parts_.config.listen.public_url + "/fhir/Task/" + transfer.id},
             {"resource", task_of(transfer)},
             {"search", Json::object({{"mode", "match"}})}}));
    Json bundle = Json::object({{"resourceType", "Bundle"}, {"type", "searchset"}});
    if (!entries.empty()) bundle = bundle.with("entry", Json::array(std::move(entries)));
    return fhir_answer(200, bundle);
}

ServerResponse FhirApi::cancel_task(std::string_view id) {
    const Result<std::optional<Transfer>> found = parts_.store.find(std::string(id));
    if (!found) return outcome(found.error());
    if (!*found) return outcome(404, "not-found", "there is no such Task");
    const Result<Transfer> decided = cancelled(**found, parts_.clock.now());
    if (!decided) return outcome(decided.error());
    const Status changed = parts_.store.change((*found)->state, *decided);
    if (!changed) return outcome(changed.error());
    return fhir_answer(200, task_of(*decided));
}

}  // namespace consultd::web
