// HttpInterface: all that the daemon answers over HTTP: the table of its routes, and the few
// answers that are about the daemon itself. Whoever reads the table knows the policy; a new door is
// a row of it. FHIR's answers are fhir_api's.
#pragma once

#include <functional>
#include <string>

#include "adapter/web/audit_event_api.h"
#include "adapter/web/fhir_api.h"
#include "adapter/web/operators.h"
#include "adapter/web/router.h"

namespace consultd::web {

struct HttpInterfaceParts {
    FhirApiParts fhir;
    const Operators& operators;
    std::string jwks;               // {"keys":[…]}
    std::function<Status()> ready;  // an error names what is not
    ReadAuditLog read_audit;
    std::function<Result<std::string>()> metrics;
    std::vector<Route> portal = {};  // of adapter/portal; none where no patient signs in
};

class HttpInterface {
public:
    explicit HttpInterface(HttpInterfaceParts parts);
    HttpInterface(const HttpInterface&) = delete;
    HttpInterface& operator=(const HttpInterface&) = delete;

    std::span<const Route> routes() const { return router_.routes(); }
    ServerResponse handle(const ServerRequest& request) const { return router_.handle(request); }
    std::optional<ServerResponse> before_body(const ServerRequest& request) const {
        return router_.before_body(request);
    }

private:
    std::vector<Route> table(std::vector<Route> portal);
    ServerResponse readiness() const;

    ServerResponse metrics() const;

    FhirApi fhir_;
    const AuditEventApi audit_events_;
    const std::function<Result<std::string>()> metrics_;
    const std::string jwks_;
    const std::function<Status()> ready_;
    const Router router_;
};

}  // namespace consultd::web
