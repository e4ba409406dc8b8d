#include "adapter/stages/belonging/bytes.h"

#include <algorithm>

#include "adapter/stages/belonging/clinical_document.h"
#include "fhir/base/crypto.h"
#include "fhir/base/text_fold.h"
#include "fhir/r4/from_xml.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::size_t head_bytes = 4096;

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

Belonging of_json(const Json& json, std::size_t file, const PatientIdentity& patient) {
    if (json["resourceType"].is_string()) return of_resource(json, file, patient);
    Belonging found = Belonging::Shared;
    for (const JsonView item : json.items())
        if (item["resourceType"].is_string())
            found = worse(found, of_resource(json.share(item), file, patient));
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

// By an identifier that ours has; else by family name and date of birth together.
Belonging of_clinical_document(std::string_view xml, const PatientIdentity& patient) {
    const std::optional<RecordTarget> target = record_target_of(xml);
    if (!target) return Belonging::Unproven;
    bool knows_system = false;
    for (const auto& [root, extension] : target->ids)
        for (const auto& [system, value] : patient.identifiers) {
            if (system != root && system != "urn:oid:" + root && system != "urn:uuid:" + root)
                continue;
            if (value == extension) return Belonging::Shared;
            knows_system = true;
        }
    if (knows_system) return Belonging::Wrong;
    const bool same_day = !patient.birth_date.empty() && target->birth_date == patient.birth_date;
    const bool same_name = std::ranges::any_of(target->families, [&](const std::string& family) {
        return std::ranges::count(patient.families, folded(family)) > 0;
    });
    return same_day && same_name ? Belonging::Shared : Belonging::Unproven;
}

}  // namespace

Belonging belonging_of_bytes(std::string_view base64, std::size_t file,
                             const PatientIdentity& patient) {
    const auto begin =
        crypto::from_base64(base64.substr(0, head_bytes / 3 * 4), crypto::WhiteSpace::Skip);
    // White space may cut it where no quantum ends: then all of it is looked at.
    const auto head = begin ? begin : crypto::from_base64(base64, crypto::WhiteSpace::Skip);
    if (!head) return Belonging::Shared;
    const Form form = form_of(as_utf8(*head));
    if (form == Form::Document) return Belonging::Shared;
    auto bytes = crypto::from_base64(base64, crypto::WhiteSpace::Skip);
    if (!bytes) return Belonging::Unproven;
    std::string text = as_utf8(*std::move(bytes));
    if (form == Form::ClinicalDocument) return of_clinical_document(text, patient);
    if (form == Form::Json) return of_json_text(std::move(text), file, patient);
    const Result<Json> json = fhir::r4::resource_from_xml(text);
    return json ? of_resource(*json, file, patient) : Belonging::Unproven;
}

}  // namespace consultd
