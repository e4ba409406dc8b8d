// Display of what a resource is called.
#include <array>

#include "adapter/stages/reading/attachment_text.h"
#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/display_care.h"
#include "adapter/stages/reading/likeness.h"
#include "adapter/stages/reading/person.h"
#include "adapter/stages/reading/product.h"
#include "adapter/stages/reading/type_words.h"

namespace consultd {
namespace {

using fhir::JsonView;

constexpr std::size_t name_letters_max = 120;

// The members that name a resource, in order; most types have one of the first three.
constexpr std::array<std::string_view, 15> item_members = {
    "code",        "vaccineCode",   "event",           "type",        "title",
    "description", "procedureCode", "reasonCode",      "category",    "activity",
    "class",       "summary",       "serviceCategory", "contentType", "serviceType"};

// What an order of food holds: a diet, a supplement, a formula.
std::string nutrition_text(JsonView order) {
    std::string out = concepts_text(order["oralDiet"]["type"]);
    for (const JsonView& supplement : order["supplement"].items()) {
        const std::string type = concept_text(supplement["type"]);
        join(out, "; ", type.empty() ? supplement["productName"].string() : type);
    }
    const JsonView formula = order["enteralFormula"];
    const std::string base = concept_text(formula["baseFormulaType"]);
    join(out, "; ", base.empty() ? formula["baseFormulaProductName"].string() : base);
    return out;
}

// What its questions are called: https://hl7.org/fhir/R4/extension-display.html of the canonical,
// the title of its Questionnaire; else the last part of the canonical, which is all there is.
std::string questionnaire_text(JsonView response, const PacketIndex& index) {
    for (const JsonView& one : response.at("_questionnaire", "extension").items())
        if (one["url"].string() == "http://hl7.org/fhir/StructureDefinition/display")
            return std::string(one["valueString"].string());
    const JsonView asked = index.questionnaire_of(response);
    for (const std::string_view name : {"title", "name"})
        if (!asked[name].string().empty()) return std::string(asked[name].string());
    std::string_view canonical = response["questionnaire"].string();
    if (canonical.starts_with('#') || canonical.starts_with("urn:")) return {};
    canonical = canonical.substr(0, canonical.find('|'));
    while (canonical.ends_with('/')) canonical.remove_suffix(1);
    return std::string(canonical.substr(canonical.rfind('/') + 1));
}

// Its own title heads a document; what kind it is of stands beside where that says something else.
std::string title_of(JsonView document) {
    std::string title(document["title"].string());
    const std::string kind = concept_text(document["type"]);
    if (title.empty() || kind.empty()) return title.empty() ? kind : title;
    if (is_same_said(title, kind)) return title.size() < kind.size() ? kind : title;
    return title + " (" + kind + ")";
}

// The name of what is named by a member that only its type has; empty: it is named as others are.
std::string own_item_text(const fhir::Resource& resource, const PacketIndex& index) {
    const std::string_view type = resource.type();
    const JsonView json = resource.json();
    if (type == "Device") return device_name(json);
    if (type == "Medication") return medicine_name(resource, index);
    if (type == "AllergyIntolerance" && concept_text(resource["code"]).empty())
        return concept_text(first_of(resource["reaction"])["substance"]);
    if (type == "FamilyMemberHistory") return concept_text(resource["relationship"]);
    if (type == "Composition") return title_of(json);
    if (type == "NutritionOrder") return nutrition_text(json);
    if (type == "QuestionnaireResponse") return questionnaire_text(json, index);
    if (type == "Communication" || type == "CommunicationRequest")
        return concept_text(resource["topic"]);
    const JsonView reference = resource[type == "DeviceRequest" ? "codeReference" : "device"];
    if (type == "DeviceUseStatement" || type == "DeviceRequest") {
        const std::string text = device_name(index.resolve(reference, json));
        if (!text.empty()) return text;
        if (!reference.is_null()) return std::string(reference["display"].string());
        return concept_text(resource["codeCodeableConcept"]);
    }
    if (type == "ResearchSubject") return reference_text(resource["study"], json, index);
    if (type == "ImmunizationRecommendation") {
        std::string out;
        for (const JsonView& one : resource["recommendation"].items())
            join(out, "; ", concepts_text(one["vaccineCode"]));
        return out;
    }
    if (type == "SupplyRequest") return concept_text(resource["itemCodeableConcept"]);
    if (type == "SupplyDelivery")
        return concept_text(json.at("suppliedItem", "itemCodeableConcept"));
    return {};
}

// Of the types that say what happens to a medicine.
bool is_of_medicine(const fhir::Resource& resource) {
    return resource.type().starts_with("Medication") && resource.type().size() > 10;
}

// The types whose code is a name that people act on.
bool is_named_by_concept(std::string_view type) {
    return type == "Condition" || type == "AllergyIntolerance" || type == "Procedure" ||
           type == "Immunization";
}

// Named by its structure; empty: it is not.
std::string structured_name(const fhir::Resource& resource, const PacketIndex& index) {
    if (std::string text = own_item_text(resource, index); !text.empty()) return text;
    if (std::string text = medicine_name(resource, index); !text.empty()) return text;
    // What a medicine is for, or where it is given, is not what it is.
    if (is_of_medicine(resource)) return {};
    if (resource["name"].is_string()) return std::string(resource["name"].string());
    if (std::string name = current_name(resource.json()); !name.empty()) return name;
    if (is_named_by_concept(resource.type()))
        for (const std::string_view name : {"code", "vaccineCode"})
            if (std::string text = whole_concept_text(resource[name]); !text.empty()) return text;
    for (const std::string_view name : item_members)
        if (std::string text = concepts_text(resource[name]); !text.empty()) return text;
    return {};
}

}  // namespace

// What was written, of a message.
std::string message_text(JsonView message) {
    std::string out;
    for (const JsonView& part : message["payload"].items())
        join(out, "; ", choice_text(choice_of(part, "content")));
    return out;
}

// What an assessment found.
std::string findings_text(JsonView assessment, const PacketIndex& index) {
    std::string out;
    for (const JsonView& finding : assessment["finding"].items()) {
        const JsonView found = index.resolve(finding["itemReference"], assessment);
        std::string one = concept_text(finding["itemCodeableConcept"]);
        if (one.empty()) one = concept_text(found["code"]);
        join(out, "; ", one.empty() ? finding["itemReference"]["display"].string() : one);
    }
    return out;
}

std::string narrative_text(const fhir::Resource& resource) {
    const JsonView text = resource["text"];
    if (text["status"].string() == "empty") return {};
    return text_of_html(text["div"].string());
}

std::string item_text(const fhir::Resource& resource, const PacketIndex& index) {
    if (is_of_medicine(resource) && is_medicine_in_error(resource, index)) return {};
    if (std::string text = structured_name(resource, index); !text.empty()) return text;
    // What has no name but what it says.
    std::string text = findings_text(resource.json(), index);
    if (text.empty()) text = message_text(resource.json());
    if (text.empty()) text = narrative_text(resource);
    // A text is no name; it stands as what is said.
    return text.size() > name_letters_max ? std::string(type_word(resource.type())) : text;
}

bool is_medicine_in_error(const fhir::Resource& resource, const PacketIndex& index) {
    const JsonView reference = choice_of(resource.json(), "medication").value;
    return index.resolve(reference, resource.json())["status"].string() == "entered-in-error";
}

}  // namespace consultd
