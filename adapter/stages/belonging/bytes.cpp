#include "adapter/stages/belonging/bytes.h"

#include <algorithm>

#include "adapter/stages/belonging/clinical_document.h"
#include "adapter/stages/belonging/wrapped.h"
#include "fhir/base/crypto.h"
#include "fhir/base/text_fold.h"
#include "fhir/r4/from_xml.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::size_t head_bytes = 4096;
constexpr int wrappings_max = 4;  // one in another

// "UTF-16" by its mark, as the UTF-8 that is looked at; what is not of ASCII becomes "?".
std::string as_utf8(std::string bytes) {
    const bool is_little = bytes.starts_with("\xff\xfe");
    if (!is_little && !bytes.starts_with("\xfe\xff")) {
        if (bytes.starts_with("\xef\xbb\xbf")) bytes.erase(0, 3);
        return bytes;
    }
    std::string text;
    for (std::size_t at = 2; at + 1 < bytes.size(); at += 2) {
        const char low = bytes[is_little ? at : at + 1], high = bytes[is_little ? at + 1 : at];
        text += high == 0 && static_cast<unsigned char>(low) < 0x80 ? low : '?';
    }
    return text;
}

enum class Form { Document, Json, Fhir, ClinicalDocument };

Form form_of(std::string_view head) {
    const std::size_t begin = head.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return Form::Document;
    if (head[begin] == '{' || head[begin] == '[') return Form::Json;
    if (head[begin] != '<') return Form::Document;
    if (head.find("urn:hl7-org:v3") != std::string_view::npos ||
        head.find("ClinicalDocument") != std::string_view::npos)
        return Form::ClinicalDocument;
    return head.find("http://hl7.org/fhir") != std::string_view::npos ? Form::Fhir : Form::Document;
}

Belonging worse(Belonging left, Belonging right) {
    if (left == Belonging::Wrong || right == Belonging::Wrong) return Belonging::Wrong;
    return left == Belonging::Unproven ? left : right;
}

Belonging of_resource(const Json& json, std::size_t file, const PatientIdentity& patient) {
    if (json["resourceType"].string() == "Bundle") return belonging_of_bundle(json, file, patient);
    const Result<fhir::Resource> inner = fhir::Resource::from(json);
    if (!inner) return Belonging::Unproven;
    const Belonging belonging =
        belonging_of(*inner, {.key = inner->key(), .full_url = "", .file = file}, patient);
    return belonging == Belonging::Ours ? Belonging::Shared : belonging;
}

// A resource may stand under any name, in any depth.
Belonging of_json(const Json& json, std::size_t file, const PatientIdentity& patient) {
    if (json["resourceType"].is_string()) return of_resource(json, file, patient);
    Belonging found = Belonging::Shared;
    const auto look_at = [&](JsonView below) {
        if (below.is_object() || below.is_array())
            found = worse(found, of_json(json.share(below), file, patient));
    };
    for (const JsonView item : json.items()) look_at(item);
    for (const fhir::JsonMember& member : json.members()) look_at(member.value);
    return found;
}

// One resource a line. https://hl7.org/fhir/R4/nd-json.html
Belonging of_lines(std::string_view text, std::size_t file, const PatientIdentity& patient) {
    Belonging found = Belonging::Shared;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line(text.substr(at, end - at));
        at = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const Result<Json> json = Json::parse(line);
        if (!json) return Belonging::Unproven;
        found = worse(found, of_json(*json, file, patient));
    }
    return found;
}

Belonging of_json_text(std::string text, std::size_t file, const PatientIdentity& patient) {
    const bool is_record = text.find("resourceType") != std::string::npos;
    const Result<Json> json = Json::parse(text);
    if (json) return of_json(*json, file, patient);
    if (json.error().kind() == ErrorKind::TooLarge) return Belonging::Unproven;
    return is_record ? of_lines(text, file, patient) : Belonging::Shared;
}

// By family name and date of birth together; or by an identifier that ours has, where it says of
// what system, or neither name nor birth date speaks against it.
Belonging of_target(const std::optional<RecordTarget>& target, const PatientIdentity& patient) {
    if (!target) return Belonging::Unproven;
    const bool has_day = !patient.birth_date.empty() && !target->birth_date.empty();
    const bool same_day = has_day && target->birth_date == patient.birth_date;
    const bool has_name = !patient.families.empty() && !target->families.empty();
    const bool same_name = std::ranges::any_of(target->families, [&](const std::string& family) {
        return std::ranges::count(patient.families, folded(family)) > 0;
    });
    const bool is_face_ours = (same_day || !has_day) && (same_name || !has_name);
    bool knows_system = false;
    for (const auto& [root, extension] : target->ids)
        for (const auto& [system, value] : patient.identifiers) {
            if (root.empty() && value == extension && is_face_ours) return Belonging::Shared;
            if (root.empty() ||
                (system != root && system != "urn:oid:" + root && system != "urn:uuid:" + root))
                continue;
            if (value == extension) return Belonging::Shared;
            knows_system = true;
        }
    if (knows_system) return Belonging::Wrong;
    return same_day && same_name ? Belonging::Shared : Belonging::Unproven;
}

Belonging of_plain_bytes(const std::string& bytes, std::size_t file, const PatientIdentity& patient,
                         int depth);

Belonging of_wrapped(Wrapping wrapping, const std::string& bytes, std::size_t file,
                     const PatientIdentity& patient, int depth) {
    if (wrapping == Wrapping::Archive || depth >= wrappings_max) return Belonging::Unproven;
    if (wrapping == Wrapping::Message) return of_target(target_of_message(bytes), patient);
    if (wrapping == Wrapping::Image) return of_target(target_of_image(bytes), patient);
    if (wrapping == Wrapping::Base64) {
        const auto inner = crypto::from_base64(bytes, crypto::WhiteSpace::Skip);
        return inner ? of_plain_bytes(*inner, file, patient, depth + 1) : Belonging::Shared;
    }
    const auto bodies = bodies_of_mail(bytes);
    if (!bodies) return Belonging::Unproven;
    Belonging found = Belonging::Shared;
    for (const std::string& body : *bodies)
        found = worse(found, of_plain_bytes(body, file, patient, depth + 1));
    return found;
}

Belonging of_plain_bytes(const std::string& bytes, std::size_t file, const PatientIdentity& patient,
                         int depth) {
    std::string text = as_utf8(bytes);
    const Form form = form_of(std::string_view(text).substr(0, head_bytes));
    if (form == Form::ClinicalDocument) return of_target(record_target_of(text), patient);
    if (form == Form::Json) return of_json_text(std::move(text), file, patient);
    if (form == Form::Fhir) {
        const Result<Json> json = fhir::r4::resource_from_xml(text);
        return json ? of_resource(*json, file, patient) : Belonging::Unproven;
    }
    const Wrapping wrapping = wrapping_of(std::string_view(text).substr(0, head_bytes));
    if (wrapping == Wrapping::None) return Belonging::Shared;
    return of_wrapped(wrapping, wrapping == Wrapping::Image ? bytes : text, file, patient, depth);
}

}  // namespace

Belonging belonging_of_bytes(std::string_view base64, std::size_t file,
                             const PatientIdentity& patient) {
    const auto begin =
        crypto::from_base64(base64.substr(0, head_bytes / 3 * 4), crypto::WhiteSpace::Skip);
    // White space may cut it where no quantum ends: then all of it is looked at.
    const auto head = begin ? begin : crypto::from_base64(base64, crypto::WhiteSpace::Skip);
    if (!head) return Belonging::Shared;
    const std::string text = as_utf8(*head);
    if (form_of(text) == Form::Document && wrapping_of(text) == Wrapping::None)
        return Belonging::Shared;
    const auto bytes = crypto::from_base64(base64, crypto::WhiteSpace::Skip);
    return bytes ? of_plain_bytes(*bytes, file, patient, 0) : Belonging::Unproven;
}

}  // namespace consultd
