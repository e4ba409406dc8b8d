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
    using Request = const RoutedRequest&;
    const WhoMay anyone = WhoMay::Anyone;  // tells nothing about any patient
    const WhoMay transfers = WhoMay::Transfers;
    // clang-format off
    return {
        {"GET", "/healthz", anyone,
         [](Request) { return answer(200, "ok\n", "text/plain; charset=utf-8"); }},
        {"GET", "/readyz", anyone,
         [this](Request) { return readiness(); }},
        {"GET", "/.well-known/jwks.json", anyone,
         [this](Request) { return answer(200, jwks_, "application/json"); }},
        {"GET", "/fhir/metadata", anyone,
         in_fhir_json([](Request) { return FhirApi::metadata(); })},
        {"GET", "/fhir/Task", transfers,
         in_fhir_json([this](Request asked) { return fhir_.search_tasks(asked); })},
        {"POST", "/fhir/Task", transfers,
         in_fhir_json([this](Request asked) { return fhir_.create_task(asked); })},
        {"GET", "/fhir/Task/{id}", transfers,
         in_fhir_json([this](Request asked) { return fhir_.read_task(asked); })},
        {"POST", "/fhir/Task/{id}/$cancel", transfers,
         in_fhir_json([this](Request asked) { return fhir_.cancel_task(asked); })},
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
