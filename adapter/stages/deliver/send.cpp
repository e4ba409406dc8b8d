#include <charconv>

#include "adapter/stages/deliver/ask.h"
#include "adapter/stages/deliver/deliver.h"
#include "adapter/stages/deliver/entries.h"
#include "adapter/stages/deliver/ways.h"
#include "fhir/operation_outcome.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::JsonView;

Error uncertain(StaticText text, int status) {
    return Error(ErrorKind::Uncertain, text).with("status", status);
}

// "400 Bad Request": 400; 0 where it begins with no number.
int status_in(std::string_view text) {
    int status = 0;
    std::from_chars(text.data(), text.data() + text.size(), status);
    return status;
}

// "Type/id" of "https://…/Type/id/_history/1", if it is of that type.
std::string location_in(std::string_view text, std::string_view type) {
    const fhir::Reference parsed = fhir::Reference::parse(text);
    return parsed.type == type ? parsed.key() : std::string();
}

std::string issue_in(JsonView outcome) {
    for (fhir::OperationOutcomeIssue& issue : fhir::issues_of(outcome))
        if (issue.is_error()) return std::move(issue.code);
    return {};
}

// https://hl7.org/fhir/R4/http.html#trules: one entry for each of ours, in their order. A server
// that handles a transaction as a batch may say so in the type of its answer.
Result<std::vector<EntryAnswer>> read_response(const fhir::FhirResponse& response,
                                               const DeliveryRequest& request,
                                               const Account& account) {
    const std::string_view type = response.body["type"].string();
    if (response.body["resourceType"].string() != "Bundle" ||
        (type != "transaction-response" && type != "batch-response"))
        return uncertain("the answer is no transaction-response", response.status);
    const auto answers = response.body["entry"].items();
    if (answers.size() != request.places.size())
        return uncertain("the answer has another number of entries than the transaction",
                         response.status);
    std::vector<EntryAnswer> read;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const JsonView said = answers[i]["response"];
        const int status = status_in(said["status"].string());
        read.push_back({.status = status == 0 ? 500 : status,
                        .location = location_in(said["location"].string(),
                                                account.entries[request.places[i]].type),
                        .issue = issue_in(said["outcome"])});
    }
    return read;
}

// https://hl7.org/fhir/R4/http.html#create: where it lies stands in Location; some servers say it
// in the body alone.
EntryAnswer read_single(const fhir::FhirResponse& response, const std::string& type) {
    EntryAnswer answer{.status = response.status, .location = location_in(response.location, type)};
    if (answer.location.empty() && response.body["resourceType"].string() == type &&
        !response.body["id"].string().empty())
        answer.location = type + "/" + std::string(response.body["id"].string());
    return answer;
}

}  // namespace

Result<std::vector<EntryAnswer>> send_request(fhir::FhirClient& client,
                                              const DeliveryRequest& request,
                                              const Account& account, const fhir::Call& call) {
    const fhir::Url url = request.path.empty() ? client.base() : client.base().below(request.path);
    fhir::HttpHeaders conditions;
    if (!request.condition.empty()) conditions.add("If-None-Exist", request.condition);
    const Result<fhir::FhirResponse> response = client.write(
        request.method, url, request.body, call, fhir::HttpRequest::Effect::Write, conditions);
    if (response && request.path.empty()) return read_response(*response, request, account);
    if (response)
        return std::vector{read_single(*response, account.entries[request.places.front()].type)};
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
    TRY_ASSIGN(const std::vector<fhir::Json> tasks,
               find_there(client, "Task", {"identifier", transfer_system, transfer_id}, call));
    ReadBack there{.found = !tasks.empty(), .task = {}, .status = {}, .copies = tasks.size()};
    // Of several, the first by name is followed; that there are several is told.
    for (const fhir::Json& task : tasks) {
        std::string key = "Task/" + std::string(task["id"].string());
        if (!there.task.empty() && there.task < key) continue;
        there.task = std::move(key);
        there.status = task["status"].string();
    }
    return there;
}

}  // namespace consultd
