#include "fhir/r4/shape.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fhir/r4/as_text.h"
#include "fhir/r4/primitive_format.h"
#include "fhir/r4/walk.h"

namespace consultd::fhir::r4 {
namespace {

class ShapeCheck final : public Walker {
public:
    void misshapen(const ElementPath& parent, JsonView object, std::string_view member) override {
        if (!first.empty() || object[member].is_null()) return;
        const bool is_sibling = member.starts_with('_');
        first = parent.text() + '.' + std::string(member.substr(is_sibling ? 1 : 0));
    }
    std::string first;
};

using Members = std::vector<std::pair<std::string, Json>>;

bool is_scalar(JsonView value) {
    return !value.is_null() && !value.is_array() && !value.is_object();
}

// Whether what is read from it decides what is said, of whom, or who may see it.
bool is_decisive(const Type& owner, const Element& element) {
    constexpr std::array<Datatype, 6> decisive = {Datatype::Attachment, Datatype::Coding,
                                                  Datatype::Extension,  Datatype::Identifier,
                                                  Datatype::Narrative,  Datatype::Reference};
    return element.is_modifier || element.name.view() == "id" || owner.name.view() == "Meta" ||
           std::ranges::find(decisive, owner.datatype) != decisive.end();
}

Json reshaped_object(const Type& type, const Json& object);

Json reshaped_item(const Type& declared, const Json& item) {
    const Type* const type = declared.kind == Type::Kind::Resource
                                 ? find_type(item["resourceType"].string())
                                 : &declared;
    return type && item.is_object() ? reshaped_object(*type, item) : item;
}

// A value with parts, or the list of them.
Json reshaped_complex(const Type::Member& known, const Json& value) {
    const bool is_many = known.element->is_many();
    if (value.is_object()) {
        Json item = reshaped_item(*known.type, value);
        return is_many ? Json::array({std::move(item)}) : item;
    }
    if (!value.is_array()) return value;
    std::vector<Json> items;
    for (const JsonView item : value.items())
        if (!item.is_null()) items.push_back(reshaped_item(*known.type, value.share(item)));
    if (!is_many && items.size() == 1) return items.front();
    return items.empty() ? Json() : Json::array(std::move(items));
}

// The `name` and `_name` of a primitive, at the end of `out`.
void add_primitive(const Type& owner, const Type::Member& known, std::string_view base, Json value,
                   Json beside, Members& out) {
    const bool is_many = known.element->is_many();
    const auto is_right = [&](JsonView one) {
        return one.is_null() || (is_scalar(one) && !format_fault(*known.type, one));
    };
    if (is_many && is_scalar(value) && is_right(value)) value = Json::array({value});
    if (!is_many && value.is_array() && value.size() == 1 && is_right(value.items()[0]))
        value = value.share(value.items()[0]);
    if (is_many && beside.is_object()) beside = Json::array({beside});
    if (!is_many && beside.is_array() && beside.size() == 1)
        beside = beside.share(beside.items()[0]);
    const bool has_shape = value.is_null() || (is_many ? value.is_array() : is_scalar(value));
    if (!has_shape && !is_decisive(owner, *known.element)) {
        if (is_many && beside.size() > 0) beside = beside.share(beside.items()[0]);
        beside = as_text(beside, value);
        if (is_many && beside.is_object()) beside = Json::array({beside});
        value = Json();
    }
    out.emplace_back(base, std::move(value));
    out.emplace_back("_" + std::string(base), std::move(beside));
}

Json reshaped_object(const Type& type, const Json& object) {
    Members out;
    for (const JsonMember& member : object.members()) {
        const std::string_view name = member.name();
        const bool is_sibling = name.starts_with('_');
        const std::string_view base = is_sibling ? name.substr(1) : name;
        const Type::Member known = type.member(base);
        const bool is_primitive = known.element && known.type->kind == Type::Kind::Primitive;
        if (is_sibling && is_primitive && object.has(base)) continue;  // goes with its value
        if (is_primitive)
            add_primitive(type, known, base, object.get(base), object.get("_" + std::string(base)),
                          out);
        else if (known.element && !is_sibling)
            out.emplace_back(name, reshaped_complex(known, object.share(member.value)));
        else
            out.emplace_back(name, object.share(member.value));
    }
    return Json::object(std::move(out));
}

}  // namespace

std::string misshapen_element(const Json& resource) {
    ShapeCheck check;
    walk(resource, check);
    return check.first;
}

Json reshaped(const Json& resource) {
    const Type* const type = find_type(resource["resourceType"].string());
    return type && type->kind == Type::Kind::Resource ? reshaped_object(*type, resource) : resource;
}

}  // namespace consultd::fhir::r4
