#include "samples/sandbox/bulk_jobs.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "samples/sandbox/references.h"
#include "samples/sandbox/sandbox.h"
#include "samples/sandbox/search_parameters.h"

namespace consultd::sandbox {

using fhir::Json;
using fhir::JsonView;
using web::ServerRequest;
using web::ServerResponse;

namespace {

Error refusal(int status, StaticText text) {
    return Error(ErrorKind::Malformed, text).with("status", status);
}

// Of a Parameters resource, or of a query: "Patient/7"; empty: everybody.
std::string patient_of(const ServerRequest& request) {
    if (request.method == "POST") {
        const Result<Json> parameters = Json::parse(request.body);
        if (!parameters) return {};
        for (const JsonView one : (*parameters)["parameter"].items())
            if (one["name"].string() == "patient")
                return std::string(one.at("valueReference", "reference").string());
        return {};
    }
    if (const auto query = parse_query(request.query))
        for (const auto& [name, value] : *query)
            if (name == "patient") return value;
    return {};
}

// Empty: about nobody.
std::set<std::string> patients_in(const std::string& type, const Json& json) {
    std::set<std::string> patients;
    const SearchParameter* const parameter = find_search_parameter(type, "patient");
    if (parameter == nullptr) return patients;
    for (const JsonView value : values_at(json, parameter->paths))
        if (std::string key = reference_key(value["reference"].string());
            key.starts_with("Patient/"))
            patients.insert(std::move(key));
    return patients;
}

}  // namespace

ServerResponse BulkJobs::start(const ServerRequest& request, const std::string& group,
                               const Store& store, const std::string& origin) {
    if (request.method == "POST" && habits_.by_get_alone)
        return outcome_response(refusal(405, "an export is asked for by GET"));
    if (request.header("Prefer").value_or("").find("respond-async") == std::string_view::npos)
        return outcome_response(refusal(400, "an export is answered later"));
    std::vector<std::string> patients;
    const Stored* const members = group.empty() ? nullptr : store.find_alive("Group", group);
    if (!group.empty() && members == nullptr)
        return outcome_response(refusal(404, "there is no such group"));
    const std::string patient = patient_of(request);
    if (!patient.empty() && !habits_.ignores_patient) {
        patients.push_back(patient);
    } else if (members != nullptr) {
        for (const JsonView one : members->json["member"].items())
            patients.push_back(reference_key(one.at("entity", "reference").string()));
    } else {
        for (const auto& [id, stored] : store.of_type("Patient"))
            patients.push_back("Patient/" + id);
    }
    const std::string id = std::to_string(++begun_);
    jobs_[id] = make(store, patients);
    ServerResponse response{202, {}, {}, false};
    response.headers.emplace_back("Content-Location", origin + "/bulk/" + id);
    return response;
}

BulkJobs::Job BulkJobs::make(const Store& store, const std::vector<std::string>& patients) const {
    Job job;
    job.polls = habits_.polls;
    for (const auto& [type, by_id] : store.all()) {
        if (type == "Group") continue;
        File file{type, {}, 0};
        for (const auto& [id, stored] : by_id) {
            if (stored.deleted()) continue;
            const std::set<std::string> about = type == "Patient"
                                                    ? std::set<std::string>{"Patient/" + id}
                                                    : patients_in(type, stored.json);
            const bool is_asked = std::ranges::any_of(
                patients, [&](const std::string& one) { return about.contains(one); });
            if (!about.empty() && !is_asked) continue;
            file.text += stored.json.print() + "\n";
            ++file.count;
        }
        if (file.count == 0) continue;
        if (habits_.cuts_a_line) file.text.resize(file.text.size() - 20);
        job.files.push_back(std::move(file));
    }
    return job;
}

ServerResponse BulkJobs::answer(const ServerRequest& request, std::string_view path,
                                const std::string& origin) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string id(path.substr(0, slash));
    const auto found = jobs_.find(id);
    const bool is_gone = habits_.expires && id == "1";
    if (found == jobs_.end() || is_gone)
        return outcome_response(refusal(404, "there is no such export"));
    if (slash == path.size() && request.method == "DELETE") {
        jobs_.erase(found);
        ++ended_;
        return {202, {}, {}, false};
    }
    if (slash == path.size()) return status_of(found->second, id, origin);
    std::size_t number = 0;
    const std::string_view digits = path.substr(slash + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (number >= found->second.files.size() || (habits_.loses_a_file && number == 0))
        return outcome_response(refusal(404, "there is no such file"));
    return {200,
            {{"Content-Type", "application/fhir+ndjson"}},
            found->second.files[number].text,
            false};
}

ServerResponse BulkJobs::status_of(Job& job, const std::string& id, const std::string& origin) {
    if (habits_.limits_polls && job.polls == habits_.polls) {
        --job.polls;
        ServerResponse response = outcome_response(refusal(429, "too early"));
        response.headers.emplace_back("Retry-After", "1");
        return response;
    }
    if (job.polls-- > 0) {
        ServerResponse response{202, {}, {}, false};
        response.headers.emplace_back("Retry-After", "1");
        response.headers.emplace_back("X-Progress", "at work");
        return response;
    }
    std::vector<Json> output;
    for (std::size_t i = 0; i < job.files.size(); ++i) {
        const std::string from = habits_.files_elsewhere ? "https://store.invalid" : origin;
        output.push_back(
            Json::object({{"type", job.files[i].type},
                          {"url", from + "/bulk/" + id + "/" + std::to_string(i)},
                          {"count", Json(job.files[i].count + (habits_.counts_wrong ? 1 : 0))}}));
    }
    ServerResponse response =
        json_response(200, Json::object({{"transactionTime", "2026-01-01T00:00:00Z"},
                                         {"request", origin + "/fhir/Patient/$export"},
                                         {"requiresAccessToken", Json(!habits_.files_open)},
                                         {"output", Json::array(std::move(output))},
                                         {"error", Json::array(std::vector<Json>())}}));
    response.headers[0].second = "application/json";
    return response;
}

}  // namespace consultd::sandbox
