#include "adapter/stages/follow/ownership.h"

#include <algorithm>

#include "adapter/stages/belonging/bytes.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr StaticText other_patient = "other-patient";
constexpr StaticText other_order = "other-order";

// A chart that is gone, or that we may not read, is one of which nothing is known but its name.
Result<Json> chart_at(fhir::FhirClient& client, const std::string& key, const fhir::Call& call) {
    const Result<fhir::FhirResponse> answer = client.get(client.base().below(key), call);
    if (answer) {
        const Result<fhir::Resource> chart = fhir::Resource::from(answer->body);
        return chart && chart->key() == key ? answer->body : Json();
    }
    switch (answer.error().kind()) {
        case ErrorKind::NotFound:
        case ErrorKind::Forbidden:
        case ErrorKind::Malformed:
        case ErrorKind::Unsupported:
        case ErrorKind::TooLarge:
            return Json();
        default:
            return answer.error();
    }
}

// Two charts of one person are made one: the old one says which is in use.
// https://hl7.org/fhir/R4/patient.html#links
bool is_replaced_by(JsonView chart, const Addresses& addresses, const std::string& key) {
    return std::ranges::any_of(chart["link"].items(), [&](JsonView link) {
        return link["type"].string() == "replaced-by" &&
               addresses.key(link.at("other", "reference").string()) == key;
    });
}

}  // namespace

Result<Ownership> Ownership::read(fhir::FhirClient& client, const OurOrder& order, const Json& task,
                                  const fhir::Call& call) {
    const Addresses addresses(client.base());
    std::string key = order.patient;
    Json chart;
    if (!key.empty()) {
        TRY_ASSIGN(chart, chart_at(client, key, call));
    }
    const auto named = addresses.key(task.at("for", "reference").string());
    const bool is_lost = (key.empty() || !order.is_chart_certain) && order.is_that_person;
    if (named && *named != key && (is_lost || is_replaced_by(chart, addresses, *named))) {
        TRY_ASSIGN(Json newer, chart_at(client, *named, call));
        if (newer.is_object() &&
            (is_lost ? order.is_that_person(newer) : order.is_same(newer, chart))) {
            key = *named;
            chart = std::move(newer);
        }
    }
    const std::string id = key.empty() ? std::string() : key.substr(key.find('/') + 1);
    PatientIdentity patient = PatientIdentity::of(addresses, id, chart);
    return Ownership(order, task, std::move(chart), std::move(patient));
}

std::optional<StaticText> Ownership::refusal_of_task() const {
    if (patient_.id.empty()) return StaticText("chart-unknown");
    if (!is_about_ours(task_.without("output").without("contained"))) return other_patient;
    const JsonView focus = task_["focus"];
    if (focus.has("reference") && !order_.request.empty() &&
        patient_.addresses.key(focus["reference"].string()) != order_.request)
        return other_order;
    return std::nullopt;
}

std::optional<StaticText> Ownership::refusal_of_output(JsonView output) const {
    const Json alone =
        task_.without("contained").with("output", Json::array({task_.share(output)}));
    if (!is_about_ours(alone) || !holds_nobody_else(output)) return other_patient;
    return std::nullopt;
}

std::optional<StaticText> Ownership::refusal_of_contained() const {
    if (!is_about_ours(task_.without("output")) || !holds_nobody_else(task_["contained"]))
        return other_patient;
    return std::nullopt;
}

std::optional<StaticText> Ownership::refusal_of(const fhir::Resource& resource) const {
    const std::string key = resource.key();
    const bool is_ours =
        resource.type() == "Bundle"
            ? is_bundle_ours(resource.json())
            : belonging_of(resource, {.key = key, .full_url = ""}, patient_) == Belonging::Ours;
    if (!is_ours || !holds_nobody_else(resource.json())) return other_patient;
    if (is_of_another_order(resource.json())) return other_order;
    return std::nullopt;
}

std::optional<StaticText> Ownership::refusal_of_bytes(std::string_view base64) const {
    const Json holder = Json::object({{"data", base64}});
    return holds_nobody_else(holder) ? std::nullopt : std::optional(other_patient);
}

bool Ownership::is_about_ours(const Json& task) const {
    const Result<fhir::Resource> resource = fhir::Resource::from(task);
    if (!resource) return false;
    const std::string key = resource->key();
    return belonging_of(*resource, {.key = key, .full_url = ""}, patient_) == Belonging::Ours;
}

// Each entry that is about somebody is about ours, by whatever name the Bundle gives them, and one
// is at least. https://hl7.org/fhir/R4/bundle.html#references
bool Ownership::is_bundle_ours(const Json& bundle) const {
    PatientIdentity within = patient_;
    bool is_named = false;
    for (const JsonView entry : bundle["entry"].items()) {
        if (entry.at("resource", "resourceType").string() != "Patient") continue;
        if (!order_.is_same(entry["resource"], chart_)) return false;
        within.addresses.add_urn(0, entry["fullUrl"].string(), within.key());
        is_named = true;
    }
    for (const JsonView entry : bundle["entry"].items()) {
        const Result<fhir::Resource> inner = fhir::Resource::from(bundle.share(entry["resource"]));
        if (!inner) return false;
        if (inner->type() == "Patient") continue;
        if (inner->type() == "Bundle" && !is_bundle_ours(inner->json())) return false;
        if (inner->type() == "Bundle") continue;
        const std::string key = inner->key();
        const Belonging belonging = belonging_of(*inner, {.key = key, .full_url = ""}, within);
        if (belonging == Belonging::Wrong || belonging == Belonging::Unproven) return false;
        is_named = is_named || belonging == Belonging::Ours;
    }
    return is_named;
}

// An identifier in common is not enough for a Patient in a document: an insurance number is the
// household's. What looks like a record in bytes is held against the chart as well.
bool Ownership::holds_nobody_else(JsonView json) const {
    if (json["resourceType"].string() == "Patient" && !order_.is_same(json, chart_)) return false;
    if (const std::string_view data = json["data"].string(); !data.empty()) {
        const Belonging inside = belonging_of_bytes(data, 0, patient_);
        if (inside == Belonging::Wrong || inside == Belonging::Unproven) return false;
        const auto bytes = crypto::from_base64(data, crypto::WhiteSpace::Skip);
        const Result<Json> record =
            bytes && bytes->starts_with('{') ? Json::parse(*bytes) : Result<Json>(Json());
        if (record && !holds_nobody_else(*record)) return false;
    }
    const auto is_ours = [&](JsonView inner) { return holds_nobody_else(inner); };
    return std::ranges::all_of(json.items(), is_ours) &&
           std::ranges::all_of(json.members(),
                               [&](const auto& member) { return is_ours(member.value); });
}

// What is based on another order answers that one.
bool Ownership::is_of_another_order(JsonView resource) const {
    bool names_one = false;
    const std::string task = "Task/" + std::string(task_["id"].string());
    for (const JsonView based_on : resource["basedOn"].items()) {
        const auto key = patient_.addresses.key(based_on["reference"].string());
        if (!key || (!key->starts_with("ServiceRequest/") && !key->starts_with("Task/"))) continue;
        if (*key == order_.request || *key == task) return false;
        names_one = true;
    }
    return names_one;
}

}  // namespace consultd
