#include "adapter/stages/deliver/deliver.h"
#include "adapter/stages/deliver/entries.h"
#include "fhir/bundle.h"
#include "fhir/client/search.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::uint32_t read_back_pages_max = 5;
constexpr std::uint64_t read_back_resources_max = 200;

Error uncertain(StaticText text, int status) {
    return Error(ErrorKind::Uncertain, text).with("status", status);
}

// https://hl7.org/fhir/R4/http.html#trules: one entry for each of ours, in their order.
Status check_response(const fhir::FhirResponse& response, std::size_t entries_sent) {
    Result<fhir::Bundle> bundle =
        fhir::Bundle::parse(response.body, fhir::BundleType::TransactionResponse);
    if (!bundle) return uncertain("the answer is no transaction-response", response.status);
    if (bundle->entries().size() != entries_sent)
        return uncertain("the answer has another number of entries than the transaction",
                         response.status);
    for (const fhir::BundleEntry& entry : bundle->entries())
        if (!entry.response_status.starts_with("2"))
            return uncertain("an entry of the answer has no 2xx status", response.status);
    return {};
}

bool carries(JsonView task, const std::string& transfer_id) {
    for (const JsonView identifier : task["identifier"].items())
        if (identifier["system"].string() == transfer_system &&
            identifier["value"].string() == transfer_id)
            return true;
    return false;
}

}  // namespace

Status send_transaction(fhir::FhirClient& client, const std::string& transaction,
                        const fhir::Call& call) {
    const fhir::JsonLimits limits{.bytes_max = transaction.size() + 1, .depth_max = 128};
    const Result<fhir::Json> ours = fhir::Json::parse(transaction, limits);
    if (!ours) return Error(ErrorKind::Corrupt, "the stored transaction is no JSON");
    const Result<fhir::FhirResponse> response =
        client.write("POST", client.base(), transaction, call);
    if (response) return check_response(*response, (*ours)["entry"].size());
    const Error& error = response.error();
    const std::int64_t status = error.number("status").value_or(0);
    // The server took it (2xx) and its answer cannot be read; or a conditional create lost a race
    // (HAPI-2745: 409), where the winner may be an earlier copy of this very transaction.
    const bool was_taken = status >= 200 && status < 300;
    const bool was_read =
        error.kind() == ErrorKind::Malformed || error.kind() == ErrorKind::TooLarge;
    if (was_taken || status == 409 || (status == 0 && was_read))
        return uncertain("the destination's answer does not say what was stored",
                         static_cast<int>(status));
    return error;
}

Result<ReadBack> read_back(fhir::FhirClient& client, const std::string& transfer_id,
                           const fhir::Call& call) {
    fhir::Query query;
    query.add("identifier", std::string(transfer_system) + "|" + transfer_id);
    fhir::Search search(
        client, client.base().below("Task").with_query(query.text()),
        {.pages_max = read_back_pages_max, .resources_max = read_back_resources_max});
    TRY_ASSIGN(const fhir::SearchResult result, search.run(call));
    ReadBack there;
    // A server that does not know the parameter answers with every Task: only ours count.
    std::set<std::string> tasks;
    for (const fhir::BundleEntry& entry : result.matches) {
        const Result<fhir::Resource> task = fhir::Resource::from(entry.resource);
        if (!task || task->type() != "Task" || task->id().empty() ||
            !carries(task->json(), transfer_id) || !tasks.insert(task->key()).second)
            continue;
        // Of several, the first by name is followed; that there are several is told.
        if (there.found && there.task < task->key()) continue;
        there.found = true;
        there.task = task->key();
        there.status = (*task)["status"].string();
    }
    there.copies = tasks.size();
    return there;
}

}  // namespace consultd
