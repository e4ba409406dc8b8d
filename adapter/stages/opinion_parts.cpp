#include "adapter/stages/opinion_parts.h"

#include "fhir/base/crypto.h"
#include "fhir/r4/facts.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::size_t parts_max = 100;
constexpr std::size_t binary_bytes_max = std::size_t{256} << 20;

// "Type/id" for a literal reference to that server; empty for any other.
std::string key_there(const fhir::Url& base, std::string_view text) {
    const fhir::Reference reference = fhir::Reference::parse(text);
    if (reference.form == fhir::Reference::Form::Relative) return reference.key();
    if (reference.form != fhir::Reference::Form::Absolute) return {};
    const Result<fhir::Url> url = fhir::Url::parse(reference.text);
    if (!url || !url->same_origin(base)) return {};
    return url->path() == base.below(reference.key()).path() ? reference.key() : std::string();
}

JsonView contained_in(JsonView resource, std::string_view reference) {
    for (const JsonView contained : resource["contained"].items())
        if ("#" + std::string(contained["id"].string()) == reference) return contained;
    return {};
}

// A document is about the subject of its Composition (https://hl7.org/fhir/R4/documents.html).
JsonView composition_of(JsonView bundle) {
    for (const JsonView entry : bundle["entry"].items())
        if (entry.at("resource", "resourceType").string() == "Composition")
            return entry["resource"];
    return {};
}

JsonView entry_named(JsonView bundle, std::string_view reference) {
    for (const JsonView entry : bundle["entry"].items())
        if (!reference.empty() && entry["fullUrl"].string() == reference) return entry["resource"];
    return {};
}

bool share_an_identifier(JsonView left, JsonView right) {
    for (const JsonView one : left["identifier"].items())
        for (const JsonView other : right["identifier"].items())
            if (!one["value"].string().empty() && !one["system"].string().empty() &&
                one["value"].string() == other["value"].string() &&
                one["system"].string() == other["system"].string())
                return true;
    return false;
}

// It is not there, or not for us: that is an answer. Anything else is asked again later.
std::optional<StaticText> why_not_there(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::NotFound:
            return StaticText("not-found");
        case ErrorKind::Forbidden:
            return StaticText("forbidden");
        case ErrorKind::Malformed:
        case ErrorKind::Unsupported:
        case ErrorKind::TooLarge:
            return StaticText("unreadable");
        default:
            return std::nullopt;
    }
}

}  // namespace

OpinionParts::OpinionParts(fhir::FhirClient& client, const Json& task, const fhir::Call& call)
    : client_(client),
      task_(task),
      call_(call),
      patient_(key_there(client.base(), task["for"]["reference"].string())) {}

bool OpinionParts::problem(StaticText what) {
    problems.push_back(what);
    return false;
}

Result<bool> OpinionParts::take_output(JsonView output) {
    for (const fhir::JsonMember& member : output.members()) {
        if (!member.name().starts_with("value")) continue;
        if (member.name() == "valueReference")
            return take_reference(member.value["reference"].string());
        if (member.name() == "valueUrl" || member.name() == "valueUri")
            return take_url(member.value.string());
        // Whatever else it is, it stands in the Task itself; bytes may lie elsewhere.
        const std::size_t before = problems.size();
        TRY(take_attachments(member.value));
        return problems.size() == before;
    }
    return problem("no-value");
}

bool OpinionParts::contained_are_ours() {
    for (const JsonView contained : task_["contained"].items())
        if (whose(contained) == Whose::Others) return false;
    return true;
}

Result<bool> OpinionParts::take_reference(std::string_view reference) {
    if (reference.starts_with("#")) {
        const JsonView contained = contained_in(task_, reference);
        if (contained.is_null()) return problem("not-found");
        if (whose(contained) == Whose::Others) return problem("other-patient");
        TRY(take_what_it_leads_to(contained));
        return true;
    }
    const std::string key = key_there(client_.base(), reference);
    if (key.empty()) return problem("elsewhere");
    if (key.starts_with("Binary/")) return take_bytes(client_.base().below(key), key);
    return take_resource(key);
}

Result<bool> OpinionParts::take_url(std::string_view text) {
    if (const std::string key = key_there(client_.base(), text); !key.empty())
        return take_reference(text);
    const Result<fhir::Url> url = fhir::Url::parse(text);
    if (!url || !url->same_origin(client_.base())) return problem("elsewhere");
    return take_bytes(*url, std::string(text));
}

Result<bool> OpinionParts::take_resource(const std::string& key) {
    if (!seen_.insert(key).second) return true;
    if (seen_.size() > parts_max) return problem("too-many");
    Result<fhir::FhirResponse> answer = client_.get(client_.base().below(key), call_);
    if (!answer) {
        const std::optional<StaticText> why = why_not_there(answer.error());
        return why ? Result<bool>(problem(*why)) : Result<bool>(answer.error());
    }
    const Result<fhir::Resource> resource = fhir::Resource::from(answer->body);
    if (!resource || resource->key() != key) return problem("other-resource");
    if (whose(resource->json()) != Whose::Ours) return problem("other-patient");
    if (is_of_another_order(resource->json())) return problem("other-order");
    resources.push_back(resource->json());
    TRY(take_what_it_leads_to(resource->json()));
    return true;
}

// Bytes have no subject: they are about our patient when what leads to them is. A server gives them
// as a Binary or as they are, whatever was asked: https://hl7.org/fhir/R4/binary.html
Result<bool> OpinionParts::take_bytes(const fhir::Url& url, const std::string& key) {
    if (!seen_.insert(key).second) return true;
    if (seen_.size() > parts_max) return problem("too-many");
    fhir::Call call = call_;
    call.bytes_max = binary_bytes_max;
    const Result<fhir::FhirResponse> answer =
        client_.start_fetch(url, "application/fhir+json, */*;q=0.9", call).get();
    if (!answer) {
        const std::optional<StaticText> why = why_not_there(answer.error());
        return why ? Result<bool>(problem(*why)) : Result<bool>(answer.error());
    }
    Json binary = answer->body;
    if (binary["resourceType"].string() != "Binary")
        binary = Json::object({{"resourceType", "Binary"},
                               {"contentType", answer->content_type},
                               {"data", crypto::base64(answer->raw)}});
    if (binary["data"].string().empty()) return problem("unreadable");
    resources.push_back(std::move(binary));
    return true;
}

Status OpinionParts::take_what_it_leads_to(JsonView resource) {
    TRY(take_attachments(resource));
    std::vector<std::string> further;
    for (const JsonView result : resource["result"].items())
        further.emplace_back(result["reference"].string());
    for (const JsonView payload : resource["payload"].items())
        if (const auto text = payload["contentReference"]["reference"].string(); !text.empty())
            further.emplace_back(text);
    for (const std::string& reference : further)
        if (!reference.starts_with("#")) TRY(take_reference(reference));
    return {};
}

// https://hl7.org/fhir/R4/datatypes.html#Attachment, wherever it stands: in a report, a document, a
// message, an answer.
Status OpinionParts::take_attachments(JsonView value) {
    for (const JsonView item : value.items()) TRY(take_attachments(item));
    const bool may_be_one = !value.has("resourceType") && !value["url"].string().empty() &&
                            (value.has("contentType") || value.has("title") || value.has("hash") ||
                             value.has("size") || value.has("creation")) &&
                            !value["url"].string().starts_with("urn:");  // within a document
    if (may_be_one && !value["data"].is_string()) TRY(take_url(value["url"].string()));
    for (const fhir::JsonMember& member : value.members())
        if (member.name() != "contained" && member.name() != "extension")
            TRY(take_attachments(member.value));
    return {};
}

// By what R4 calls its subject; of several, all of them.
OpinionParts::Whose OpinionParts::whose(JsonView resource) {
    if (patient_.empty()) return Whose::Others;
    const std::string_view type = resource["resourceType"].string();
    if (type == "Bundle") {
        const JsonView composition = composition_of(resource);
        const std::string_view subject = composition["subject"]["reference"].string();
        if (key_there(client_.base(), subject) == patient_) return Whose::Ours;
        const Result<bool> is_ours = is_our_patient(entry_named(resource, subject));
        return is_ours && *is_ours ? Whose::Ours : Whose::Others;
    }
    Whose found = Whose::NotSaid;
    const auto* const facts = fhir::r4::find_facts(type);
    if (facts == nullptr) return Whose::NotSaid;
    for (const fhir::r4::Fact& fact : facts->of(fhir::r4::About::Subject))
        for (const auto& subject : fhir::r4::values_of(resource, fact.element.view())) {
            if (key_there(client_.base(), subject.value["reference"].string()) != patient_)
                return Whose::Others;
            found = Whose::Ours;
        }
    return found;
}

// A Patient within a document has its own name there: it is ours by an identifier that the chart
// has as well.
Result<bool> OpinionParts::is_our_patient(JsonView patient) {
    if (patient["resourceType"].string() != "Patient") return false;
    if (!chart_) {
        TRY_ASSIGN(fhir::FhirResponse answer, client_.get(client_.base().below(patient_), call_));
        chart_ = std::move(answer.body);
    }
    const std::string_view born = patient["birthDate"].string();
    return share_an_identifier(patient, *chart_) &&
           (born.empty() || born == (*chart_)["birthDate"].string());
}

bool OpinionParts::is_of_another_order(JsonView resource) const {
    bool names_one = false;
    const fhir::Url& base = client_.base();
    const std::string order = key_there(base, task_["focus"]["reference"].string());
    const std::string task = "Task/" + std::string(task_["id"].string());
    for (const JsonView based_on : resource["basedOn"].items()) {
        const std::string key = key_there(base, based_on["reference"].string());
        if (!key.starts_with("ServiceRequest/") && !key.starts_with("Task/")) continue;
        if (key == order || key == task) return false;
        names_one = true;
    }
    return names_one;
}

}  // namespace consultd
