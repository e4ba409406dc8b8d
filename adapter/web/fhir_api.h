// FhirApi: what institutions are answered below /fhir: transfers as FHIR Tasks. Answers are
// resources, refusals OperationOutcomes. Which request comes here, and whose, is the table's in
// http_interface. https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/task.html
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "adapter/order.h"
#include "adapter/web/router.h"
#include "adapter/web/task_search.h"

namespace consultd::web {

struct FhirApiParts {
    const config::Config& config;
    Store& store;
    const crypto::Sealer& sealer;
    Clock& clock;
    Random& random;
    std::function<void()> on_new_transfer = [] {};
};

struct TaskPage {
    std::vector<Transfer> tasks;
    bool is_last = true;
};

// The handler for clients that take FHIR's JSON in R4, a refusal for others: before anything is
// done.
RouteHandler in_fhir_json(RouteHandler handler);

class FhirApi {
public:
    explicit FhirApi(FhirApiParts parts) : parts_(std::move(parts)) {}
    static ServerResponse metadata();
    ServerResponse create_task(const ServerRequest& request);
    ServerResponse read_task(std::string_view id);
    ServerResponse search_tasks(const ServerRequest& request);
    ServerResponse cancel_task(std::string_view id);

private:
    std::optional<StoreFilter> filter_of(const TaskSearch& search) const;
    Result<TaskPage> find_tasks(const TaskSearch& search);
    Result<std::int64_t> count_tasks(TaskSearch search);
    fhir::Json task_of(const Transfer& transfer);

    FhirApiParts parts_;
};

}  // namespace consultd::web
