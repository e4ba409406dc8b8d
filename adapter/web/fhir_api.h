// FhirApi: what institutions are answered below /fhir: transfers as FHIR Tasks. Answers are
// resources, refusals OperationOutcomes. Which request comes here, and whose, is the table's in
// http_interface. https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/task.html
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "adapter/audit/act.h"
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
    // Before an opinion is given; where it fails, none is.
    std::function<Status(const Transfer&, const Actor&)> on_opinion_read =
        [](const Transfer&, const Actor&) { return Status(); };
    // The same of the packet and what the patient agreed to.
    std::function<Status(const Transfer&, const Actor&)> on_packet_read =
        [](const Transfer&, const Actor&) { return Status(); };
    // Which specialties there are lists for, and all of them in words.
    std::function<bool(std::string_view)> knows_specialty = [](std::string_view) { return true; };
    std::string specialties = {};
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
    // The same order again is answered with its Task. One with no identifier, that would be the
    // same disclosure again: 409, as is an identifier of another order.
    ServerResponse create_task(const RoutedRequest& asked);
    // Whose Tasks somebody does not see are not there for them.
    ServerResponse read_task(const RoutedRequest& asked);
    ServerResponse search_tasks(const RoutedRequest& asked);
    ServerResponse cancel_task(const RoutedRequest& asked);
    // What is on record of a transfer, by its id: the document Bundle, byte by byte as it was made;
    // the Consent. In the audit log before they are given.
    ServerResponse read_bundle(const RoutedRequest& asked);
    ServerResponse read_consent(const RoutedRequest& asked);

private:
    ServerResponse unknown_specialty() const;
    AskedEntry act_of(audit::Act::What what, const Caller& caller, const Transfer& transfer);
    Result<Order> order_in(const RoutedRequest& asked) const;
    ServerResponse known_already(const PlacedOrder& placed, const Transfer& known,
                                 const Caller& caller);
    ServerResponse with_location(ServerResponse response, const Transfer& transfer) const;
    std::optional<StoreFilter> filter_of(const TaskSearch& search, const Caller& caller) const;
    Result<TaskPage> find_tasks(const TaskSearch& search, const Caller& caller);
    Result<std::int64_t> count_tasks(TaskSearch search, const Caller& caller);
    Result<fhir::Json> with_opinion(fhir::Json task, const Transfer& transfer,
                                    const Caller& caller);
    Result<std::optional<Transfer>> find_for(const Caller& caller, std::string_view id);
    fhir::Json task_of(const Transfer& transfer);
    Result<std::string> on_record(const RoutedRequest& asked, Part part);

    FhirApiParts parts_;
};

}  // namespace consultd::web
