// Writes JSON text and gives it to the hardened reader: what comes out has gone through the same
// door as any JSON.
#include "fhir/r4/from_xml.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fhir/decimal.h"
#include "fhir/r4/older_elements.h"

namespace consultd::fhir::r4 {
namespace {

Error malformed(const XmlElement& element, StaticText text) {
    return Error(ErrorKind::Malformed, text).with("line", static_cast<std::int64_t>(element.line));
}

// XML has no control characters but these three.
void write_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += c;
        }
    }
    out += '"';
}

bool is_number_type(std::string_view type) {
    return type == "decimal" || type == "integer" || type == "positiveInt" || type == "unsignedInt";
}

// A number that the JSON reader takes: it knows no exponent past a binary one's range.
bool is_json_number(std::string_view text) {
    const std::size_t exponent = text.find_first_of("eE");
    return Decimal::parse(text) && (exponent == std::string_view::npos ||
                                    text.size() - exponent <= std::string_view("e+99").size());
}

void write_primitive(std::string& out, std::string_view name, std::string_view value) {
    const bool is_literal = name == "boolean" ? value == "true" || value == "false"
                                              : is_number_type(name) && is_json_number(value);
    if (is_literal)
        out += value;
    else
        write_string(out, value);
}

class Writer {
public:
    explicit Writer(Release release) : release_(release) {}
    Result<std::string> write(const XmlElement& root) {
        TRY(resource(root));
        return std::move(out_);
    }

private:
    // The elements of one name.
    struct Group {
        std::string_view name;
        JsonForm form;
        std::vector<const XmlElement*> elements;
    };

    Status resource(const XmlElement& element) {
        if (!has_resource_type(release_, element.name) || element.space != XmlElement::Space::Fhir)
            return malformed(element, "not a resource of R4");
        if (!element.attributes.empty())
            return malformed(element, "a resource has no attributes in XML");
        out_ += R"({"resourceType":)";
        write_string(out_, element.name);
        TRY(members(element.name, element, false));
        out_ += '}';
        return {};
    }

    Status complex(std::string_view type, const XmlElement& element) {
        if (type == "Resource") {
            if (element.children.size() != 1 || !element.attributes.empty())
                return malformed(element, "an element that holds a resource holds one");
            return resource(element.children[0]);
        }
        out_ += '{';
        bool is_first = true;
        for (const auto& [name, value] : element.attributes) {
            if (name != "id" && !(name == "url" && type == "Extension"))
                return malformed(element, "an attribute that R4 does not have here");
            begin_member(name, is_first);
            write_string(out_, value);
        }
        TRY(members(type, element, is_first));
        out_ += '}';
        return {};
    }

    Status members(std::string_view type, const XmlElement& element, bool is_first) {
        TRY_ASSIGN(const std::vector<Group> groups, grouped(type, element));
        for (const Group& group : groups) {
            if (group.form.is_primitive()) {
                TRY(primitive_member(group, is_first));
                continue;
            }
            begin_member(group.name, is_first);
            const bool is_many = group.form.is_many;
            if (is_many) out_ += '[';
            for (const XmlElement* item : group.elements) {
                if (item != group.elements.front()) out_ += ',';
                TRY(complex(group.form.type, *item));
            }
            if (is_many) out_ += ']';
        }
        return {};
    }

    // In the order in which the names come first.
    Result<std::vector<Group>> grouped(std::string_view type, const XmlElement& element) const {
        std::vector<Group> groups;
        for (const XmlElement& child : element.children) {
            const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
                return group.name == child.name;
            });
            if (same != groups.end()) {
                if (!same->form.is_many)
                    return malformed(child, "an element twice that does not repeat");
                same->elements.push_back(&child);
                continue;
            }
            const auto form = form_of_member(release_, type, child.name);
            const bool is_xhtml = form && form->type == "xhtml";
            if (!form || is_xhtml != (child.space == XmlElement::Space::Xhtml) ||
                is_attribute(type, child.name))
                return malformed(child, "an element that R4 does not have here");
            groups.push_back({child.name, *form, {&child}});
        }
        return groups;
    }

    // https://hl7.org/fhir/R4/xml.html: an element's id and an extension's url are attributes.
    bool is_attribute(std::string_view type, std::string_view name) const {
        return !has_resource_type(release_, type) &&
               (name == "id" || (name == "url" && type == "Extension"));
    }

    // `name` with the values, `_name` with ids and extensions; null where an item has none.
    Status primitive_member(const Group& group, bool& is_first) {
        const bool is_many = group.form.is_many;
        for (const XmlElement* item : group.elements)
            for (const auto& [name, value] : item->attributes)
                if (name != "value" && name != "id")
                    return malformed(*item, "an attribute that R4 does not have here");
        if (std::any_of(group.elements.begin(), group.elements.end(), has_value)) {
            begin_member(group.name, is_first);
            if (is_many) out_ += '[';
            for (const XmlElement* item : group.elements) {
                if (item != group.elements.front()) out_ += ',';
                write_value(group.form.type, *item);
            }
            if (is_many) out_ += ']';
        }
        if (std::none_of(group.elements.begin(), group.elements.end(), has_sibling)) return {};
        begin_member('_' + std::string(group.name), is_first);
        if (is_many) out_ += '[';
        for (const XmlElement* item : group.elements) {
            if (item != group.elements.front()) out_ += ',';
            TRY(sibling(group.form.type, *item));
        }
        if (is_many) out_ += ']';
        return {};
    }

    static bool has_value(const XmlElement* element) {
        return element->space == XmlElement::Space::Xhtml || element->attribute("value");
    }
    // One without anything is carried as an empty object: `validate` tells of it.
    static bool has_sibling(const XmlElement* element) {
        return !has_value(element) || !element->children.empty() || element->attribute("id");
    }

    void write_value(std::string_view type, const XmlElement& element) {
        if (element.space == XmlElement::Space::Xhtml)
            write_string(out_, element.xhtml);
        else if (const std::string* value = element.attribute("value"))
            write_primitive(out_, type, *value);
        else
            out_ += "null";
    }

    Status sibling(std::string_view type, const XmlElement& element) {
        if (!has_sibling(&element)) {
            out_ += "null";
            return {};
        }
        out_ += '{';
        bool is_first = true;
        for (const auto& [name, value] : element.attributes) {
            if (name != "id") continue;
            begin_member(name, is_first);
            write_string(out_, value);
        }
        TRY(members(type, element, is_first));
        out_ += '}';
        return {};
    }

    void begin_member(std::string_view name, bool& is_first) {
        if (!is_first) out_ += ',';
        is_first = false;
        write_string(out_, name);
        out_ += ':';
    }

    const Release release_;
    std::string out_;
};

Result<XmlElement> read_within(std::string_view xml, const JsonLimits& limits) {
    XmlLimits xml_limits;
    xml_limits.bytes_max = std::min(xml_limits.bytes_max, limits.bytes_max);
    xml_limits.depth_max = limits.depth_max;
    return read_xml(xml, xml_limits);
}

Result<Json> json_of(const XmlElement& root, Release release, const JsonLimits& limits) {
    TRY_ASSIGN(std::string json, Writer(release).write(root));
    return Json::parse(std::move(json), limits);
}

}  // namespace

Result<Json> resource_from_xml(std::string_view xml, const JsonLimits& limits) {
    TRY_ASSIGN(const XmlElement root, read_within(xml, limits));
    return json_of(root, Release::R4, limits);
}

Result<ReleasedJson> resource_from_xml_of_any_release(std::string_view xml,
                                                      const JsonLimits& limits) {
    TRY_ASSIGN(const XmlElement root, read_within(xml, limits));
    Result<Json> as_r4 = json_of(root, Release::R4, limits);
    if (as_r4) return ReleasedJson{*std::move(as_r4), Release::R4};
    for (const Release release : {Release::Stu3, Release::Dstu2})
        if (Result<Json> json = json_of(root, release, limits))
            return ReleasedJson{*std::move(json), release};
    return as_r4.error();
}

}  // namespace consultd::fhir::r4
