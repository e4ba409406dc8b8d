#include "adapter/stages/follow/opinion_parts.h"

#include "adapter/opinion_standing.h"
#include "fhir/base/crypto.h"
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

// https://hl7.org/fhir/R4/datatypes.html#Attachment: the size before, and the SHA-1 of, the bytes
// that `holder` has.
bool are_the_bytes_of(JsonView attachment, JsonView holder) {
    const auto bytes = crypto::from_base64(holder["data"].string(), crypto::WhiteSpace::Skip);
    if (!bytes) return false;
    const auto size = attachment["size"].integer();
    if (size && *size != static_cast<std::int64_t>(bytes->size())) return false;
    const auto hash = crypto::from_base64(attachment["hash"].string(), crypto::WhiteSpace::Skip);
    return !hash || hash->size() != 20 || *hash == crypto::sha1(*bytes);
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

OpinionParts::OpinionParts(fhir::FhirClient& client, const Json& task, const Ownership& ownership,
                           const fhir::Call& call)
    : client_(client), task_(task), ownership_(ownership), call_(call) {}

bool OpinionParts::problem(StaticText what) {
    problems.push_back(what);
    return false;
}

std::optional<StaticText> OpinionParts::why_no_opinion(JsonView resource) {
    switch (standing_of_opinion(resource)) {
        case OpinionStanding::Void:
            return StaticText("void");
        case OpinionStanding::NotWritten:
            return StaticText("not-written");
        case OpinionStanding::Preliminary:
            is_preliminary = true;
            return std::nullopt;
        case OpinionStanding::Valid:
            break;
    }
    return std::nullopt;
}

Result<bool> OpinionParts::take_output(JsonView output) {
    if (const auto why = ownership_.refusal_of_output(output)) return problem(*why);
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

Result<bool> OpinionParts::take_reference(std::string_view reference) {
    if (reference.starts_with("#")) {
        const JsonView contained = contained_in(task_, reference);
        if (contained.is_null()) return problem("not-found");
        if (const auto why = ownership_.refusal_of_contained()) return problem(*why);
        if (const auto why = why_no_opinion(contained)) return problem(*why);
        TRY(take_what_it_leads_to(contained));
        return true;
    }
    const std::string key = key_there(client_.base(), reference);
    if (key.empty()) return problem("elsewhere");
    if (ownership_.was_delivered(key)) return problem("sent-by-us");
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
    if (const auto why = ownership_.refusal_of(*resource)) return problem(*why);
    if (const auto why = why_no_opinion(resource->json())) return problem(*why);
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
    if (const auto why = ownership_.refusal_of_bytes(binary["data"].string())) return problem(*why);
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
    if (may_be_one && !value["data"].is_string()) {
        const std::size_t before = resources.size();
        TRY(take_url(value["url"].string()));
        if (resources.size() > before && !are_the_bytes_of(value, resources.back()))
            problem("hash-mismatch");
    } else if (value["data"].is_string() && !value.has("resourceType") &&
               !are_the_bytes_of(value, value)) {
        problem("hash-mismatch");
    }
    for (const fhir::JsonMember& member : value.members())
        if (member.name() != "contained" && member.name() != "extension")
            TRY(take_attachments(member.value));
    return {};
}

}  // namespace consultd
