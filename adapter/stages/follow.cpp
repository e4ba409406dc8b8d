#include "adapter/stages/follow.h"

#include <set>

#include "fhir/r4/facts.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::string_view transfer_system = "urn:consultd:transfer";
constexpr std::size_t outputs_max = 50;

bool is_ours(JsonView task, const std::string& transfer_id) {
    for (const JsonView identifier : task["identifier"].items())
        if (identifier["system"].string() == transfer_system &&
            identifier["value"].string() == transfer_id)
            return true;
    return false;
}

// "Type/id" for a literal reference to that server; empty for any other.
std::string key_there(const fhir::Url& base, std::string_view text) {
    const fhir::Reference reference = fhir::Reference::parse(text);
    if (reference.form == fhir::Reference::Form::Relative) return reference.key();
    if (reference.form != fhir::Reference::Form::Absolute) return {};
    const Result<fhir::Url> url = fhir::Url::parse(reference.text);
    if (!url || !url->same_origin(base)) return {};
    return url->path() == base.below(reference.key()).path() ? reference.key() : std::string();
}

// Whom a resource is about; of several, nobody.
std::string subject_of(const fhir::Url& base, JsonView resource) {
    std::optional<std::string> subject;
    if (const auto* facts = fhir::r4::find_facts(resource["resourceType"].string()))
        for (const fhir::r4::Fact& fact : facts->of(fhir::r4::About::Subject))
            for (const auto& found : fhir::r4::values_of(resource, fact.element.view())) {
                std::string one = key_there(base, found.value["reference"].string());
                if (subject && *subject != one) return {};
                subject = std::move(one);
            }
    if (subject) return *subject;
    if (resource["resourceType"].string() != "Bundle") return {};
    // A document is about the subject of its Composition (https://hl7.org/fhir/R4/documents.html).
    for (const JsonView entry : resource["entry"].items())
        if (entry.at("resource", "resourceType").string() == "Composition")
            return key_there(base, entry.at("resource", "subject", "reference").string());
    return {};
}

class Outputs {
public:
    Outputs(fhir::FhirClient& client, std::string patient, const fhir::Call& call,
            Followed& followed)
        : client_(client), patient_(std::move(patient)), call_(call), followed_(followed) {}

    Status take(std::string_view reference) {
        const std::string key = key_there(client_.base(), reference);
        if (key.empty()) return problem("elsewhere");
        if (!seen_.insert(key).second) return {};
        if (seen_.size() > outputs_max) return problem("too-many");
        Result<fhir::FhirResponse> answer = client_.get(client_.base().below(key), call_);
        if (!answer) {
            const ErrorKind kind = answer.error().kind();
            if (kind == ErrorKind::NotFound) return problem("not-found");
            if (kind == ErrorKind::Forbidden) return problem("forbidden");
            return answer.error();
        }
        Result<fhir::Resource> resource = fhir::Resource::from(answer->body);
        if (!resource || resource->key() != key) return problem("other-resource");
        const bool is_binary = resource->type() == "Binary";
        // Bytes have no subject: they are about our patient when what leads to them is.
        if (!is_binary &&
            (patient_.empty() || subject_of(client_.base(), resource->json()) != patient_))
            return problem("other-patient");
        const fhir::Json json = resource->json();
        followed_.output.push_back(*std::move(resource));
        return is_binary ? Status() : take_attachments(json);
    }

private:
    // A report's or document's bytes: https://hl7.org/fhir/R4/datatypes.html#Attachment
    Status take_attachments(JsonView resource) {
        for (const JsonView content : resource["content"].items())
            TRY(take_attachment(content["attachment"]));
        for (const JsonView form : resource["presentedForm"].items()) TRY(take_attachment(form));
        return {};
    }
    Status take_attachment(JsonView attachment) {
        const std::string_view url = attachment["url"].string();
        if (url.empty() || attachment["data"].is_string()) return {};
        if (!key_there(client_.base(), url).starts_with("Binary/")) return problem("elsewhere");
        return take(url);
    }
    Status problem(StaticText what) {
        followed_.problems.push_back(what);
        return {};
    }
    fhir::FhirClient& client_;
    std::string patient_;
    const fhir::Call& call_;
    Followed& followed_;
    std::set<std::string> seen_;
};

}  // namespace

Result<Followed> follow(fhir::FhirClient& client, const std::string& task,
                        const std::string& transfer_id, const fhir::Call& call) {
    TRY_ASSIGN(const fhir::FhirResponse answer, client.get(client.base().below(task), call));
    TRY_ASSIGN(const fhir::Resource resource, fhir::Resource::from(answer.body));
    if (resource.key() != task || !is_ours(resource.json(), transfer_id))
        return Error(ErrorKind::Malformed, "the destination answered with a Task that is not ours");
    Followed followed;
    followed.status = resource["status"].string();
    const JsonView business = resource["businessStatus"];
    followed.business_status = business["text"].string();
    for (const JsonView coding : business["coding"].items())
        if (!coding["code"].string().empty()) {
            followed.business_status = coding["code"].string();
            break;
        }
    if (followed.status != "completed") return followed;
    Outputs outputs(client, key_there(client.base(), resource["for"]["reference"].string()), call,
                    followed);
    for (const JsonView output : resource["output"].items())
        if (output["valueReference"]["reference"].is_string())
            TRY(outputs.take(output["valueReference"]["reference"].string()));
    return followed;
}

}  // namespace consultd
