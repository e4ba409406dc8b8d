// A resource as FHIR's XML, written by the element table: the other way of fhir/r4/from_xml, for
// its tests alone. https://hl7.org/fhir/R4/xml.html
#pragma once

#include <string>

#include "fhir/json.h"
#include "fhir/narrative.h"
#include "fhir/r4/elements.h"

namespace consultd::testing {

inline std::string xml_members(const fhir::r4::Type& type, fhir::JsonView object);

inline std::string xml_resource(fhir::JsonView resource, bool is_root) {
    const std::string name(resource["resourceType"].string());
    const fhir::r4::Type* const type = fhir::r4::find_type(name);
    return '<' + name + (is_root ? R"( xmlns="http://hl7.org/fhir")" : "") + '>' +
           (type ? xml_members(*type, resource) : "") + "</" + name + '>';
}

// The attributes of an element that is no resource: its id, an extension's url.
inline std::string xml_attributes(const fhir::r4::Type& type, fhir::JsonView object) {
    std::string out;
    for (const char* name : {"id", "url"})
        if (object.has(name) && (name[0] == 'i' || type.name.view() == "Extension"))
            out += ' ' + std::string(name) + "=\"" + fhir::escape_xml(object[name].string()) + '"';
    return out;
}

inline std::string xml_element(const fhir::r4::Type::Member& member, const std::string& name,
                               fhir::JsonView value, fhir::JsonView sibling) {
    const fhir::r4::Type& type = *member.type;
    using enum fhir::r4::Type::Kind;
    if (type.name.view() == "xhtml") return std::string(value.string());
    if (type.kind == Resource)
        return '<' + name + '>' + xml_resource(value, false) + "</" + name + '>';
    const bool is_primitive = type.kind == Primitive;
    const fhir::JsonView parts = is_primitive ? sibling : value;
    std::string out = '<' + name + xml_attributes(type, parts);
    if (is_primitive && !value.is_null()) {
        out += " value=\"" +
               fhir::escape_xml(value.is_string() ? std::string(value.string()) : value.print()) +
               '"';
    }
    return out + '>' + xml_members(type, parts) + "</" + name + '>';
}

inline std::string xml_members(const fhir::r4::Type& type, fhir::JsonView object) {
    std::string out;
    const bool is_resource = type.kind == fhir::r4::Type::Kind::Resource;
    for (const fhir::JsonMember& json : object.members()) {
        const bool is_sibling = json.name().starts_with('_');
        const std::string name(json.name().substr(is_sibling ? 1 : 0));
        const fhir::r4::Type::Member member = type.member(name);
        const bool is_attribute =
            !is_resource && (name == "id" || (name == "url" && type.name.view() == "Extension"));
        if (!member.element || is_attribute || (is_sibling && object.has(name))) continue;
        const fhir::JsonView values = object[name], siblings = object["_" + name];
        if (!member.element->is_many()) {
            out += xml_element(member, name, values, siblings);
            continue;
        }
        for (std::size_t i = 0; i < std::max(values.size(), siblings.size()); ++i)
            out +=
                xml_element(member, name, i < values.size() ? values.items()[i] : fhir::JsonView(),
                            i < siblings.size() ? siblings.items()[i] : fhir::JsonView());
    }
    return out;
}

inline std::string to_fhir_xml(fhir::JsonView resource) { return xml_resource(resource, true); }

}  // namespace consultd::testing
