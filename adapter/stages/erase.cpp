#include "adapter/stages/erase.h"

#include <algorithm>

#include "adapter/stages/binary.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;
using Outcome = Erased::Outcome;

// What refers to each other in a circle takes more than one round where a server minds references.
constexpr int rounds_max = 3;

bool is_named(JsonView name, const Delivered& one, const char* value) {
    return !one.value.empty() && name["system"].string() == one.system &&
           name[value].string() == one.value;
}

bool is_ours(const fhir::FhirResponse& answer, const Delivered& one) {
    if (!one.sha256.empty()) return has_bytes(answer, one.sha256);
    const Json& resource = answer.body;
    if (std::string(resource["resourceType"].string()) + "/" +
            std::string(resource["id"].string()) !=
        one.key)
        return false;
    if (one.by == "identifier" && is_named(resource["identifier"], one, "value")) return true;
    const JsonView names =
        one.by == "identifier" ? resource["identifier"] : resource.at("meta", "tag");
    const char* const value = one.by == "identifier" ? "value" : "code";
    return std::ranges::any_of(names.items(),
                               [&](JsonView name) { return is_named(name, one, value); });
}

// A Binary may be answered with its bytes alone.
Result<fhir::FhirResponse> read(fhir::FhirClient& client, const fhir::Url& url,
                                const Delivered& one, const fhir::Call& call) {
    if (one.sha256.empty()) return client.get(url, call);
    fhir::Call large = call;
    // As base64 within FHIR JSON.
    large.bytes_max = std::max<std::size_t>(call.bytes_max, 2 * one.bytes + (1 << 20));
    return client.start_fetch(url, "application/fhir+json", large).get();
}

// An answer that says no, and will again.
bool is_refusal(const Error& error) {
    constexpr ErrorKind refusals[] = {ErrorKind::Forbidden, ErrorKind::Unsupported,
                                      ErrorKind::Malformed, ErrorKind::Conflict,
                                      ErrorKind::NotFound,  ErrorKind::TooLarge};
    return error.number("status").has_value() &&
           std::ranges::find(refusals, error.kind()) != std::end(refusals);
}

int status_of(const Error& error) { return static_cast<int>(error.number("status").value_or(0)); }

Erased refused(const Delivered& one, const Error& error) {
    Erased erased{one.key, Outcome::Refused, status_of(error), {}};
    if (const auto issue = error.text("issue")) erased.issue = issue->view();
    return erased;
}

Result<Erased> erase(fhir::FhirClient& client, const Delivered& one, const fhir::Call& call) {
    const fhir::Url url = client.base().below(one.key);
    fhir::Call fresh = call;
    fresh.is_fresh = true;
    const Result<fhir::FhirResponse> there = read(client, url, one, fresh);
    if (!there && there.error().kind() == ErrorKind::NotFound)
        return Erased{one.key, Outcome::Gone, status_of(there.error()), {}};
    if (!there && !is_refusal(there.error())) return there.error();
    if (!there) return refused(one, there.error());
    if (!is_ours(*there, one)) return Erased{one.key, Outcome::NotOurs, there->status, {}};
    fhir::HttpHeaders conditions;
    if (!there->etag.empty()) conditions.add("If-Match", there->etag);
    const Result<fhir::FhirResponse> deleted =
        client.write("DELETE", url, "", call, fhir::HttpRequest::Effect::Write, conditions);
    if (!deleted && !is_refusal(deleted.error())) return deleted.error();
    if (!deleted) return refused(one, deleted.error());
    // What was answered is not yet what is there.
    const Result<fhir::FhirResponse> again = read(client, url, one, fresh);
    if (!again && again.error().kind() == ErrorKind::NotFound)
        return Erased{one.key, Outcome::Deleted, deleted->status, {}};
    if (!again && !is_refusal(again.error())) return again.error();
    return Erased{one.key, Outcome::Refused, deleted->status, {}};
}

}  // namespace

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::Deleted:
            return "deleted";
        case Outcome::Gone:
            return "gone";
        case Outcome::Refused:
            return "refused";
        case Outcome::NotOurs:
            return "not-ours";
    }
    return "";
}

Result<std::vector<Erased>> erase_there(fhir::FhirClient& client,
                                        const std::vector<Delivered>& what,
                                        const fhir::Call& call) {
    std::vector<Erased> all(what.size(), Erased{{}, Outcome::Refused, 0, {}});
    bool is_any_deleted = true;
    for (int round = 0; round < rounds_max && is_any_deleted; ++round) {
        is_any_deleted = false;
        for (std::size_t i = 0; i < what.size(); ++i) {
            const bool may_be_tried =
                round == 0 || (all[i].outcome == Outcome::Refused && all[i].status == 409);
            if (!may_be_tried) continue;
            TRY_ASSIGN(all[i], erase(client, what[i], call));
            is_any_deleted = is_any_deleted || all[i].outcome == Outcome::Deleted;
        }
    }
    return all;
}

std::string lines_of(const std::vector<Erased>& erased) {
    std::string lines;
    for (const Erased& one : erased)
        lines += Json::object({{"entry", one.key},
                               {"outcome", name_of(one.outcome)},
                               {"status", Json(std::int64_t{one.status})},
                               {"issue", one.issue.empty() ? Json() : Json(one.issue)}})
                     .print() +
                 "\n";
    return lines;
}

}  // namespace consultd
