#include <charconv>

#include "adapter/stages/deliver/deliver.h"
#include "adapter/stages/deliver/entries.h"
#include "fhir/bundle.h"
#include "fhir/client/search.h"
#include "fhir/operation_outcome.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::uint32_t read_back_pages_max = 5;
constexpr std::uint64_t read_back_resources_max = 200;

Error uncertain(StaticText text, int status) {
    return Error(ErrorKind::Uncertain, text).with("status", status);
}

// "400 Bad Request": 400; 0 where it begins with no number.
int status_in(std::string_view text) {
    int status = 0;
    std::from_chars(text.data(), text.data() + text.size(), status);
    return status;
}

RefusedEntry refused_entry(std::size_t place, JsonView ours, JsonView answer) {
    RefusedEntry refused{.entry = place,
                         .type = std::string(ours.at("resource", "resourceType").string()),
                         .status = status_in(answer.at("response", "status").string()),
                         .issue = {}};
    for (fhir::OperationOutcomeIssue& issue : fhir::issues_of(answer.at("response", "outcome")))
        if (issue.is_error() && refused.issue.empty()) refused.issue = std::move(issue.code);
    return refused;
}

// https://hl7.org/fhir/R4/http.html#trules: one entry for each of ours, in their order.
Result<std::vector<RefusedEntry>> read_response(const fhir::FhirResponse& response, JsonView sent) {
    const Result<fhir::Bundle> bundle =
        fhir::Bundle::parse(response.body, fhir::BundleType::TransactionResponse);
    if (!bundle) return uncertain("the answer is no transaction-response", response.status);
    const auto answers = bundle->json()["entry"].items();
    if (answers.size() != sent.items().size())
        return uncertain("the answer has another number of entries than the transaction",
                         response.status);
    std::vector<RefusedEntry> refused;
    for (std::size_t i = 0; i < answers.size(); ++i)
        if (!answers[i].at("response", "status").string().starts_with("2"))
            refused.push_back(refused_entry(i, sent.items()[i], answers[i]));
    if (!refused.empty() && refused.size() == answers.size())
        return Error(ErrorKind::Malformed, "the destination refused every entry")
            .with("status", refused.front().status);
    return refused;
}

bool carries(JsonView task, const std::string& transfer_id) {
    for (const JsonView identifier : task["identifier"].items())
        if (identifier["system"].string() == transfer_system &&
            identifier["value"].string() == transfer_id)
            return true;
    return false;
}

}  // namespace

Result<std::vector<RefusedEntry>> send_transaction(fhir::FhirClient& client,
                                                   const std::string& transaction,
                                                   const fhir::Call& call) {
    const fhir::JsonLimits limits{.bytes_max = transaction.size() + 1, .depth_max = 128};
    const Result<fhir::Json> ours = fhir::Json::parse(transaction, limits);
    if (!ours) return Error(ErrorKind::Corrupt, "the stored transaction is no JSON");
    const Result<fhir::FhirResponse> response =
        client.write("POST", client.base(), transaction, call);
    if (response) return read_response(*response, (*ours)["entry"]);
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
