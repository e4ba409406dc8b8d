// FhirApi: the daemon's HTTP interface for institutions: transfers as FHIR Tasks, health, our
// public keys. Every route has a policy; a route without one does not exist. Answers are
// OperationOutcomes under /fhir. https://hl7.org/fhir/R4/http.html,
// https://hl7.org/fhir/R4/task.html
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "adapter/order.h"
#include "adapter/web/operators.h"
#include "adapter/web/server/server.h"
#include "adapter/web/task_search.h"

namespace consultd::web {

struct FhirApiParts {
    const config::Config& config;
    Store& store;
    const crypto::Sealer& sealer;
    const Operators& operators;
    Clock& clock;
    Random& random;
    std::string jwks;               // {"keys":[…]}
    std::function<Status()> ready;  // an error names what is not
    std::function<void()> on_new_transfer = [] {};
};

struct TaskPage {
    std::vector<Transfer> tasks;
    bool is_last = true;
};

class FhirApi {
public:
    explicit FhirApi(FhirApiParts parts) : parts_(std::move(parts)) {}
    ServerResponse handle(const ServerRequest& request);
    // Nobody's body is read but an operator's. Hashes a token, and does not block.
    std::optional<ServerResponse> before_body(const ServerRequest& request) const;

private:
    ServerResponse metadata() const;
    ServerResponse create_task(const ServerRequest& request);
    ServerResponse read_task(std::string_view id);
    ServerResponse search_tasks(const ServerRequest& request);
    ServerResponse cancel_task(std::string_view id);
    ServerResponse readiness() const;
    std::optional<StoreFilter> filter_of(const TaskSearch& search) const;
    Result<TaskPage> find_tasks(const TaskSearch& search);
    Result<std::int64_t> count_tasks(TaskSearch search);
    fhir::Json task_of(const Transfer& transfer);

    FhirApiParts parts_;
};

}  // namespace consultd::web
