#include "adapter/web/http_interface.h"

#include "adapter/web/refusals.h"

namespace consultd::web {

using fhir::Json;

HttpInterface::HttpInterface(HttpInterfaceParts parts)
    : fhir_(std::move(parts.fhir)),
      jwks_(std::move(parts.jwks)),
      ready_(std::move(parts.ready)),
      router_(parts.operators, table()) {}

std::vector<Route> HttpInterface::table() {
    using Request = const ServerRequest&;
    using Id = std::string_view;
    const WhoMay anyone = WhoMay::Anyone;  // tells nothing about any patient
    const WhoMay operators = WhoMay::Operator;
    // clang-format off
    return {
        {"GET", "/healthz", anyone,
         [](Request, Id) { return answer(200, "ok\n", "text/plain; charset=utf-8"); }},
        {"GET", "/readyz", anyone,
         [this](Request, Id) { return readiness(); }},
        {"GET", "/.well-known/jwks.json", anyone,
         [this](Request, Id) { return answer(200, jwks_, "application/json"); }},
        {"GET", "/fhir/metadata", anyone,
         in_fhir_json([](Request, Id) { return FhirApi::metadata(); })},
        {"GET", "/fhir/Task", operators,
         in_fhir_json([this](Request request, Id) { return fhir_.search_tasks(request); })},
        {"POST", "/fhir/Task", operators,
         in_fhir_json([this](Request request, Id) { return fhir_.create_task(request); })},
        {"GET", "/fhir/Task/{id}", operators,
         in_fhir_json([this](Request, Id id) { return fhir_.read_task(id); })},
        {"POST", "/fhir/Task/{id}/$cancel", operators,
         in_fhir_json([this](Request, Id id) { return fhir_.cancel_task(id); })},
    };
    // clang-format on
}

ServerResponse HttpInterface::readiness() const {
    const Status ready = ready_();
    const Json body =
        ready ? Json::object({{"ready", Json(true)}})
              : Json::object({{"ready", Json(false)}, {"reason", ready.error().text().view()}});
    return answer(ready ? 200 : 503, body.print() + "\n", "application/json");
}

}  // namespace consultd::web
