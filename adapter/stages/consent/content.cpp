#include "adapter/stages/consent/content.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "fhir/r4/elements.h"
#include "fhir/r4/facts.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;

// Optional in R4, and yet what the whole resource is about.
constexpr std::array<std::string_view, 6> about_its_code = {"AllergyIntolerance", "Condition",
                                                            "DocumentReference",  "Medication",
                                                            "Procedure",          "ServiceRequest"};

// Whether a resource of this type without a code hides what it is about. A Goal is told in words.
bool is_code_expected(std::string_view type, std::string_view element) {
    if (std::ranges::find(about_its_code, type) != about_its_code.end()) return true;
    return type != "Goal" && fhir::r4::find_type(type)->find(element)->min > 0;
}

// A code that is a number, or has blanks around it, is no less what it says.
std::string_view code_of(JsonView coding) {
    const JsonView code = coding["code"];
    std::string_view text = code.is_number() ? code.number() : code.string();
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

void add_code(JsonView coding, std::vector<Coded>& out) {
    if (const std::string_view code = code_of(coding); !code.empty())
        out.push_back({coding["system"].string(), code});
}

void collect_concept(JsonView concept_value, std::vector<Coded>& out) {
    for (const JsonView item : concept_value.items()) collect_concept(item, out);
    for (const JsonView coding : concept_value["coding"].items()) add_code(coding, out);
}

bool is_attachment(std::string_view member) {
    constexpr std::array<std::string_view, 6> attachments = {
        "attachment", "content", "contentAttachment", "photo", "presentedForm", "valueAttachment"};
    return std::ranges::find(attachments, member) != attachments.end();
}

// A label on one element (http://hl7.org/fhir/uv/security-label-ds4p/inline_security_labels.html):
// no rule takes a resource apart, so it holds for the whole.
constexpr std::string_view inline_label_url =
    "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label";

// The codings, kinds of attachments and inline labels of the value, in one walk.
void look_through(JsonView value, bool of_attachment, Content& content,
                  std::vector<Coded>& labels) {
    for (const JsonView item : value.items()) look_through(item, of_attachment, content, labels);
    if (!value.is_object()) return;
    add_code(value, content.codings);
    const std::string_view url = value["url"].string();
    const JsonView type = value["contentType"];
    if (type.is_string())
        content.mime_types.push_back(type.string());
    else if (of_attachment && (value.has("url") || value.has("data")))
        content.has_untyped_attachment = true;
    if (url == inline_label_url)
        labels.push_back(
            {value.at("valueCoding", "system").string(), code_of(value["valueCoding"])});
    for (const fhir::JsonMember& member : value.members())
        if (member.value.is_object() || member.value.is_array())
            look_through(member.value, is_attachment(member.name()), content, labels);
}

void add_main_code(JsonView resource, Content& content) {
    const fhir::r4::Facts* facts = fhir::r4::find_facts(content.type);
    if (!facts) return;
    bool is_expected = false, is_elsewhere = false;
    for (const fhir::r4::Fact& fact : facts->of(fhir::r4::About::Code)) {
        is_expected |= is_code_expected(content.type, fact.element.view());
        for (const auto& found : fhir::r4::values_of(resource, fact.element.view())) {
            collect_concept(found.value, content.main_codes);
            // A medication may be said by reference: then the Medication itself is judged.
            is_elsewhere |= found.type == "Reference";
        }
    }
    content.main_code_is_undecidable = is_expected && content.main_codes.empty() && !is_elsewhere;
}

}  // namespace

Content content_of(JsonView resource, const Content* container) {
    Content content;
    content.type = resource["resourceType"].string();
    for (const JsonView profile : resource.at("meta", "profile").items())
        content.profiles.push_back(profile.string().substr(0, profile.string().find('|')));
    std::vector<Coded> inline_labels;
    look_through(resource, false, content, inline_labels);
    add_main_code(resource, content);
    content.is_document = content.type == "DocumentReference" ||
                          content.type == "DiagnosticReport" || content.type == "Composition";
    if (content.is_document) {
        collect_concept(resource[content.type == "DiagnosticReport" ? "code" : "type"],
                        content.document_types);
        collect_concept(resource["category"], content.document_types);
    }
    for (const JsonView label : resource.at("meta", "security").items())
        content.labels.push_back({label["system"].string(), code_of(label)});
    std::ranges::copy(inline_labels, std::back_inserter(content.labels));
    content.times = clinical_times_of(resource);
    if (container) {
        std::ranges::copy(container->labels, std::back_inserter(content.labels));
        if (content.times.known.empty() && !content.times.has_unreadable)
            content.times = container->times;
    }
    return content;
}

}  // namespace consultd::consent
