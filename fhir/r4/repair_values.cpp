#include "fhir/r4/repair_values.h"

#include <algorithm>

#include "fhir/base/crypto.h"
#include "fhir/r4/as_text.h"
#include "fhir/r4/code_rules.h"
#include "fhir/r4/container_rules.h"
#include "fhir/r4/narrative_rules.h"
#include "fhir/reference.h"

namespace consultd::fhir::r4 {
namespace {

// The primitive `name` of the value as text.
Json with_text_of(const Json& value, std::string_view name) {
    const std::string beside = "_" + std::string(name);
    return value.without(name).with(beside, as_text(value.get(beside), value[name]));
}

Json mend_code(const Json& value) {
    const auto fault =
        code_fault(value["system"].string(), value["version"].string(), value["code"].string());
    const bool is_wrong = fault && fault->severity == Finding::Severity::Error;
    return is_wrong ? with_text_of(value, "code") : value;
}

// The primitive `name`, or the text that stands for it by now.
std::string_view said(JsonView value, std::string_view name) {
    if (const std::string_view own = value[name].string(); !own.empty()) return own;
    for (const JsonView one : value.at("_" + std::string(name), "extension").items())
        if (one.has("valueString")) return one["valueString"].string();
    return {};
}

// "text; system|code display; …": what a person or a program can still go by.
std::string words_of(JsonView concept_value) {
    std::string words(said(concept_value, "text"));
    for (const JsonView coding : concept_value["coding"].items()) {
        if (!words.empty()) words += "; ";
        words.append(said(coding, "system")).append("|").append(said(coding, "code"));
        if (const std::string_view display = said(coding, "display"); !display.empty())
            words.append(" ").append(display);
    }
    return words;
}

Json mend_concept(const Element& element, const Json& value) {
    if (!breaks_required_binding(element, value)) return value;
    return as_text(value.without("coding").without("text").without("_text"), Json(words_of(value)));
}

// The identifier of what the reference led to stands for it.
Json as_logical(const Json& value) {
    const std::string_view text = value["reference"].string();
    const bool is_uri = Reference::parse(text).form != Reference::Form::Relative &&
                        !text.starts_with('#') && is_literal(text);
    if (value.has("identifier") || !is_uri) return with_text_of(value, "reference");
    return value.without("reference")
        .with("identifier", Json::object({{"system", "urn:ietf:rfc:3986"}, {"value", text}}));
}

Json mend_reference(const Element& element, Json value, const ValuePlace& place) {
    const std::string text(value["reference"].string());
    const Reference parsed = Reference::parse(text);
    std::string type(parsed.type);
    bool leads = text.starts_with('#') || is_literal(text);
    if (parsed.form == Reference::Form::Contained) {
        const auto found = place.contained.find(parsed.id);
        leads = parsed.id.empty() || found != place.contained.end();
        if (found != place.contained.end()) type = found->second;
    } else if (place.type_of) {
        const std::string_view held = place.type_of(text);
        leads = leads && (!held.empty() || parsed.form != Reference::Form::Urn);
        if (!held.empty()) type = held;
    }
    if (!text.empty() && (!leads || !may_refer(element.reference_targets, type))) {
        value = as_logical(value);
        type.clear();
    }
    const std::string_view said = bare_type(value["type"].string());
    if (said.empty()) return value;
    const bool is_wrong =
        !may_refer(element.reference_targets, said) || (!type.empty() && said != type);
    return is_wrong ? with_text_of(value, "type") : value;
}

Json mend_attachment(Json value) {
    const auto data = crypto::from_base64(value["data"].string(), crypto::WhiteSpace::Skip);
    if (!data || data->empty()) return value;
    if (value.has("hash") && crypto::from_base64(value["hash"].string(),
                                                 crypto::WhiteSpace::Skip) != crypto::sha1(*data))
        value = with_text_of(value, "hash");
    const auto size = value["size"].integer();
    if (size && *size != static_cast<std::int64_t>(data->size()))
        value = with_text_of(value, "size");
    return value;
}

bool is_extension(const Type& type, JsonView value, const ExtendedPlace& place) {
    const bool has_value = std::ranges::any_of(value.members(), [&](const JsonMember& member) {
        const std::string_view name = member.name();
        const Element* const element =
            type.member(name.substr(name.starts_with('_') ? 1 : 0)).element;
        return element && element->is_choice;
    });
    return value.has("url") && has_value != value.has("extension") &&
           may_extend(value["url"].string(), place);
}

}  // namespace

std::string capitalized(std::string_view type) {
    std::string name(type);
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
        name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

Json mend_value(const Type& type, const Element& element, const Json& value,
                const ValuePlace& place) {
    if (!value.is_object()) return value;
    switch (type.datatype) {
        case Datatype::Coding:
        case Datatype::Quantity:
            return mend_code(value);
        case Datatype::CodeableConcept:
            return mend_concept(element, value);
        case Datatype::Reference:
            return mend_reference(element, value, place);
        case Datatype::Attachment:
            return mend_attachment(value);
        case Datatype::Narrative:
            return value.has("div") && !narrative_fault(value["div"].string()) ? value : Json();
        case Datatype::Extension:
            return is_extension(type, value, place.extended) ? value : Json();
        default:
            return value;
    }
}

}  // namespace consultd::fhir::r4
