#include "fhir/client/bulk_export.h"

#include <algorithm>
#include <charconv>

#include "fhir/client/http_status.h"

namespace consultd::fhir {
namespace {

constexpr std::size_t manifest_bytes_max = std::size_t{64} << 20;
constexpr int manifest_pages_max = 1000;
constexpr std::int64_t usual_wait_s = 15;  // where the server does not say

HttpRequest request_to(Url url, std::string method, std::string accept, const Call& call) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.headers.add("Accept", std::move(accept));
    request.deadline = call.deadline;
    request.response_bytes_max = manifest_bytes_max;
    return request;
}

Json parameter(std::string_view name, std::string_view member, Json value) {
    return Json::object({{"name", name}, {member, std::move(value)}});
}

// https://hl7.org/fhir/uv/bulkdata/STU3/export.html#query-parameters
std::string parameters_of(const BulkQuestion& question) {
    std::vector<Json> parameters{
        parameter("patient", "valueReference", Json::object({{"reference", question.patient}}))};
    if (question.turn == BulkQuestion::Turn::Second)
        parameters.push_back(parameter("_outputFormat", "valueString", "application/fhir+ndjson"));
    return Json::object(
               {{"resourceType", "Parameters"}, {"parameter", Json::array(std::move(parameters))}})
        .print();
}

std::string query_of(const BulkQuestion& question) {
    Query query;
    query.add("patient", question.patient);
    if (question.turn == BulkQuestion::Turn::Second)
        query.add("_outputFormat", "application/fhir+ndjson");
    return query.text();
}

// "17" → 17; 0 of what is no count of seconds.
std::int64_t parse_delta(std::string_view text) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    return error == std::errc() && end == text.data() + text.size() && seconds > 0 ? seconds : 0;
}

Error come_back(const HttpResponse& answer, Instant now) {
    std::int64_t wait_s = usual_wait_s;
    if (const auto header = answer.headers.find("Retry-After"))
        wait_s = parse_retry_after(*header, now).value_or(usual_wait_s);
    return Error(ErrorKind::RateLimited, "the export is not ready")
        .with("retry_after_s", wait_s)
        .with("progress", 1);
}

Result<std::vector<BulkFile>> files_of(JsonView list, const Url& manifest) {
    std::vector<BulkFile> files;
    for (const JsonView one : list.items()) {
        TRY_ASSIGN(Url url, manifest.resolve(one["url"].string()));
        files.push_back(
            {std::string(one["type"].string()), std::move(url), one["count"].integer()});
    }
    return files;
}

Status add_page(BulkManifest& manifest, JsonView page, const Url& url) {
    if (!page["output"].is_array() || !page["requiresAccessToken"].is_bool())
        return Error(ErrorKind::Malformed, "an export's manifest lacks what it must have");
    manifest.requires_token = page["requiresAccessToken"].is_true();
    const auto add = [&](std::vector<BulkFile>& to, std::string_view name) -> Status {
        TRY_ASSIGN(std::vector<BulkFile> files, files_of(page[name], url));
        std::ranges::move(files, std::back_inserter(to));
        return {};
    };
    TRY(add(manifest.output, "output"));
    TRY(add(manifest.deleted, "deleted"));
    TRY(add(manifest.outcomes, "error"));
    return add(manifest.outcomes, "outcome");
}

// A job that failed, or a poll that did: which one, an OperationOutcome says.
Error failure_of(const HttpResponse& answer, const Clock& clock) {
    const Error error = error_of_status(answer, HttpRequest::Effect::Read, clock);
    const Result<Json> outcome = Json::parse(answer.body);
    const auto issues = outcome ? issues_of(*outcome) : std::vector<OperationOutcomeIssue>();
    const auto is_transient = [](const OperationOutcomeIssue& issue) {
        return issue.code == "timeout" || issue.code == "throttled" || issue.code == "transient" ||
               issue.code == "lock-error" || issue.code == "no-store";
    };
    if (std::ranges::any_of(issues, is_transient))
        return Error(ErrorKind::Unavailable, error.text()).with("status", answer.status);
    if (answer.status < 500 || issues.empty()) return error;
    return Error(ErrorKind::Malformed, "the export failed").with("status", answer.status);
}

}  // namespace

Result<BegunExport> start_export(FhirClient& client, const BulkQuestion& question,
                                 const Call& call) {
    const Url url = client.base().below(
        question.group.empty() ? "Patient/$export" : "Group/" + question.group + "/$export");
    const bool is_post = question.by == BulkQuestion::By::Post;
    HttpRequest request = request_to(is_post ? url : url.with_query(query_of(question)),
                                     is_post ? "POST" : "GET", "application/fhir+json", call);
    request.headers.add("Prefer", "respond-async");
    if (is_post) {
        request.headers.add("Content-Type", "application/fhir+json");
        request.body = parameters_of(question);
    }
    TRY_ASSIGN(const HttpResponse answer, client.exchange(std::move(request), call));
    if (answer.status != 202) {
        if (answer.status == 200)
            return Error(ErrorKind::Unsupported, "an export is answered at once")
                .with("status", 501);
        return error_of_status(answer, HttpRequest::Effect::Read, client.clock());
    }
    const auto location = answer.headers.find("Content-Location");
    if (!location) return Error(ErrorKind::Malformed, "an export does not say where it goes on");
    TRY_ASSIGN(Url status, url.resolve(*location));
    if (!status.same_origin(client.base()))
        return Error(ErrorKind::Forbidden, "an export goes on at another origin");
    const std::string age(answer.headers.find("Age").value_or("0"));
    return BegunExport{std::move(status), std::chrono::seconds(parse_delta(age))};
}

Result<BulkManifest> export_manifest(FhirClient& client, const Url& status, const Call& call) {
    BulkManifest manifest;
    Url due = status;
    for (int pages = 0; pages < manifest_pages_max; ++pages) {
        TRY_ASSIGN(HttpResponse answer,
                   client.exchange(request_to(due, "GET", "application/json", call), call));
        if (answer.status == 202) return come_back(answer, client.clock().now());
        if (answer.status != 200) return failure_of(answer, client.clock());
        TRY_ASSIGN(const Json page, Json::parse(std::move(answer.body)));
        TRY(add_page(manifest, page, due));
        const std::string_view next = link_of(page, "next");
        if (next.empty()) return manifest;
        TRY_ASSIGN(due, due.resolve(next));
    }
    return Error(ErrorKind::Unsupported, "an export's manifest has more pages than the limit");
}

Status end_export(FhirClient& client, const Url& status, const Call& call) {
    TRY_ASSIGN(const HttpResponse answer,
               client.exchange(request_to(status, "DELETE", "application/json", call), call));
    if (is_heard(answer)) return {};
    return error_of_status(answer, HttpRequest::Effect::Read, client.clock());
}

bool is_heard(const HttpResponse& answer) {
    const bool is_later = answer.status == 401 || answer.status == 408 || answer.status == 429;
    return !is_later && (answer.status < 500 || answer.status == 501);
}

}  // namespace consultd::fhir
