#include "adapter/web/http_interface.h"

#include <algorithm>
#include <iterator>

#include "adapter/web/refusals.h"

namespace consultd::web {

using fhir::Json;

HttpInterface::HttpInterface(HttpInterfaceParts parts)
    : fhir_(parts.fhir),
      audit_events_(parts.fhir.config, parts.fhir.sealer, std::move(parts.read_audit)),
      metrics_(std::move(parts.metrics)),
      jwks_(std::move(parts.jwks)),
      ready_(std::move(parts.ready)),
      router_(parts.operators, table(std::move(parts.portal))) {}

std::vector<Route> HttpInterface::table(std::vector<Route> portal) {
    using Request = const RoutedRequest&;
    const WhoMay anyone = WhoMay::Anyone;  // tells nothing about any patient
    const WhoMay transfers = WhoMay::Transfers;
    // clang-format off
    std::vector<Route> rows{
        {"GET", "/healthz", anyone,
         [](Request) { return answer(200, "ok\n", "text/plain; charset=utf-8"); }},
        {"GET", "/readyz", anyone,
         [this](Request) { return readiness(); }},
        {"GET", "/.well-known/jwks.json", anyone,
         [this](Request) { return answer(200, jwks_, "application/json"); }},
        {"GET", "/fhir/metadata", anyone,
         in_fhir_json([](Request) { return FhirApi::metadata(); })},
        // How much moves here is for no stranger, but for whoever watches over it.
        {"GET", "/metrics", WhoMay::Operator,
         [this](Request) { return metrics(); }},
        {"GET", "/fhir/AuditEvent", WhoMay::Audit,
         in_fhir_json([this](Request asked) { return audit_events_.search(asked); })},
        {"GET", "/fhir/Task", transfers,
         in_fhir_json([this](Request asked) { return fhir_.search_tasks(asked); })},
        {"POST", "/fhir/Task", transfers,
         in_fhir_json([this](Request asked) { return fhir_.create_task(asked); })},
        {"GET", "/fhir/Task/{id}", transfers,
         in_fhir_json([this](Request asked) { return fhir_.read_task(asked); })},
        {"GET", "/fhir/Bundle/{id}", transfers,
         in_fhir_json([this](Request asked) { return fhir_.read_bundle(asked); })},
        {"GET", "/fhir/Consent/{id}", transfers,
         in_fhir_json([this](Request asked) { return fhir_.read_consent(asked); })},
        {"POST", "/fhir/Task/{id}/$cancel", transfers,
         in_fhir_json([this](Request asked) { return fhir_.cancel_task(asked); })},
    };
    // clang-format on
    std::ranges::move(portal, std::back_inserter(rows));
    return rows;
}

ServerResponse HttpInterface::metrics() const {
    const Result<std::string> text = metrics_();
    if (!text) return refusal("/metrics", 500, "exception", "the numbers could not be read");
    return answer(200, *text, "text/plain; version=0.0.4; charset=utf-8");
}

ServerResponse HttpInterface::readiness() const {
    const Status ready = ready_();
    const Json body =
        ready ? Json::object({{"ready", Json(true)}})
              : Json::object({{"ready", Json(false)}, {"reason", ready.error().text().view()}});
    return answer(ready ? 200 : 503, body.print() + "\n", "application/json");
}

}  // namespace consultd::web
