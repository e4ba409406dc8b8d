#include "fhir/r4/repair_parts.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "fhir/r4/as_text.h"
#include "fhir/r4/code_rules.h"
#include "fhir/r4/extension_rules.h"
#include "fhir/r4/primitive_format.h"
#include "fhir/r4/repair_contained.h"
#include "fhir/r4/repair_values.h"

namespace consultd::fhir::r4 {
namespace {

// A value in R4's form, and what of it has no place in that.
struct Part {
    Json json;
    std::vector<JsonPlace> over;
};

// The items of what should be an array.
std::vector<Json> items_of(const Json& value) {
    if (!value.is_array()) return value.is_null() ? std::vector<Json>() : std::vector<Json>{value};
    std::vector<Json> items;
    for (const JsonView item : value.items()) items.push_back(value.share(item));
    return items;
}

Json item(const std::vector<Json>& items, std::size_t at) {
    return at < items.size() ? items[at] : Json();
}

Json array_unless_blank(std::vector<Json> items) {
    const bool is_blank = std::ranges::all_of(items, [](const Json& one) { return one.is_null(); });
    return is_blank ? Json() : Json::array(std::move(items));
}

bool is_broken(const Type::Member& known, const Json& value) {
    const Element& element = *known.element;
    if (value.is_array() || value.is_object() || format_fault(*known.type, value)) return true;
    const std::string_view text = value.string();
    return (!element.required_codes.empty() &&
            std::ranges::none_of(element.required_codes,
                                 [&](StaticText code) { return code.view() == text; })) ||
           !has_required_form(element, text);
}

bool has(const Type& type, JsonView object, const Element& element) {
    return std::ranges::any_of(object.members(), [&](const JsonMember& member) {
        const std::string_view name = member.name();
        return type.member(name.substr(name.starts_with('_') ? 1 : 0)).element == &element;
    });
}

// What R4 has no place for, as text beside what held it; where that has no extensions, it stays
// over.
Part with_over(const Type& type, Json object, std::vector<JsonPlace> over) {
    const bool can_hold = type.find("extension") && type.datatype != Datatype::Extension;
    if (over.empty() || !can_hold) return {std::move(object), std::move(over)};
    const Json text = original_text(object_of(over));
    if (text.is_null()) return {std::move(object), {}};
    const Json all = object.get("extension").appended(text);
    return {object.with("extension", all), {}};
}

class Repairer {
public:
    Repairer(const TypeOf& type_of, const Json& container)
        : type_of_(type_of), contained_(contained_types(container)) {}

    // `place`: what its extensions extend.
    Part object(const Type& type, const Json& value, const ExtendedPlace& place);

private:
    struct Primitive {
        Json value, beside;
    };
    using Members = std::vector<std::pair<std::string, Json>>;

    Primitive primitive(const Type& owner, const Type::Member& known, const Json& value,
                        const Json& beside);
    void add_primitive(const Type& owner, const Type::Member& known, const Json& object,
                       std::string_view base, Members& kept);
    Json complex(const Type& owner, const Type::Member& known, const Json& value,
                 std::vector<JsonPlace>& over);
    void add_complex(const Type& owner, const Type::Member& known, const Json& value,
                     std::string_view name, Members& kept, std::vector<JsonPlace>& over);
    Json with_required(const Type& type, Json object);
    Json absent(const Element& element);

    const TypeOf& type_of_;
    ContainedTypes contained_;
    bool in_contained_ = false;
    ExtendedPlace place_;  // of the object whose members are looked at
};

// The `_name` of a primitive beside its value, both in R4's form; two nulls: it is gone.
Repairer::Primitive Repairer::primitive(const Type& owner, const Type::Member& known,
                                        const Json& value, const Json& beside) {
    const std::string_view name = known.element->name.view();
    Json rest;
    if (beside.is_object())
        rest = object(*known.type, beside, {known.element->types, &owner, name}).json;
    if (rest.size() == 0) rest = Json();
    if (value.is_null()) return {{}, rest.has("extension") ? rest : Json()};
    if (!is_broken(known, value)) return {value, rest};
    // An element's id and an extension's url have nothing beside them.
    if (name == "id" || (name == "url" && owner.datatype == Datatype::Extension)) return {};
    Json text = as_text(rest, value);
    return {{}, text.has("extension") ? std::move(text) : Json()};
}

void Repairer::add_primitive(const Type& owner, const Type::Member& known, const Json& object,
                             std::string_view base, Members& kept) {
    const std::string beside = "_" + std::string(base);
    if (!known.element->is_many()) {
        Primitive one = primitive(owner, known, object.get(base), object.get(beside));
        kept.emplace_back(base, std::move(one.value));
        kept.emplace_back(beside, std::move(one.beside));
        return;
    }
    const auto values = items_of(object.get(base)), besides = items_of(object.get(beside));
    std::vector<Json> kept_values, kept_besides;
    for (std::size_t i = 0; i < std::max(values.size(), besides.size()); ++i) {
        Primitive one = primitive(owner, known, item(values, i), item(besides, i));
        if (one.value.is_null() && one.beside.is_null()) continue;
        kept_values.push_back(std::move(one.value));
        kept_besides.push_back(std::move(one.beside));
    }
    kept.emplace_back(base, array_unless_blank(std::move(kept_values)));
    kept.emplace_back(beside, array_unless_blank(std::move(kept_besides)));
}

// One item of an element with parts; null: it is gone, or among what is over.
Json Repairer::complex(const Type& owner, const Type::Member& known, const Json& value,
                       std::vector<JsonPlace>& over) {
    const std::string_view name = known.element->name.view();
    const bool is_resource = known.type->kind == Type::Kind::Resource;
    const bool is_extension = known.type->datatype == Datatype::Extension;
    const Type* const type = is_resource ? find_type(value["resourceType"].string()) : known.type;
    if (!value.is_object() || type == nullptr) {
        if (!is_resource && !is_extension) return as_text({}, value);
        over.push_back({std::string(name), value});
        return {};
    }
    if (is_resource && name != "contained") return repair_parts(value, type_of_);
    const bool outside = std::exchange(in_contained_, in_contained_ || is_resource);
    Part part = object(*type, value, {{&type, 1}, is_resource ? nullptr : &owner, name});
    in_contained_ = outside;
    Json mended = mend_value(*type, *known.element, part.json, {type_of_, contained_, place_});
    if (is_extension && mended.is_null()) part.over = {{std::string(name), value}};
    for (const JsonPlace& one : part.over) over.push_back(one);
    const bool is_hollow = mended.size() == (mended.has("id") && !is_resource ? 1U : 0U);
    return is_hollow ? Json() : mended;
}

void Repairer::add_complex(const Type& owner, const Type::Member& known, const Json& value,
                           std::string_view name, Members& kept, std::vector<JsonPlace>& over) {
    std::vector<Json> out;
    for (const Json& one : items_of(value)) {
        if (one.is_null()) continue;
        Json made = complex(owner, known, one, over);
        if (made.is_null()) continue;
        if (known.element->is_many() || out.empty())
            out.push_back(std::move(made));
        else
            over.push_back({std::string(name), one});
    }
    if (out.empty()) return;
    kept.emplace_back(name, known.element->is_many() ? Json::array(std::move(out)) : out.front());
}

// An element of which nothing is said, with what it must have in turn.
Json Repairer::absent(const Element& element) {
    const Type& type = *element.types.front();
    if (type.kind == Type::Kind::Resource) return {};
    Json one = absent_unknown();
    if (type.kind == Type::Kind::Backbone) one = with_required(type, std::move(one));
    return element.is_many() ? Json::array({one}) : one;
}

Json Repairer::with_required(const Type& type, Json object) {
    // These say nothing without what they lack: mend_value takes them out.
    if (type.datatype == Datatype::Extension || type.datatype == Datatype::Narrative) return object;
    for (const Element& element : type.elements) {
        if (element.min == 0 || element.types.empty() || has(type, object, element)) continue;
        const Type& first = *element.types.front();
        std::string name(element.name.view());
        if (element.is_choice) name += capitalized(first.name.view());
        if (first.kind == Type::Kind::Primitive) name.insert(0, 1, '_');
        object = object.with(name, absent(element));
    }
    return object;
}

Part Repairer::object(const Type& type, const Json& value, const ExtendedPlace& place) {
    const ExtendedPlace around = std::exchange(place_, place);
    Members kept;
    std::vector<JsonPlace> over;
    std::map<const Element*, std::string_view> chosen;
    const bool is_resource = type.kind == Type::Kind::Resource;
    for (const JsonMember& member : value.members()) {
        const std::string_view name = member.name();
        if (member.value.is_null()) continue;
        if (is_resource && name == "resourceType") {
            kept.emplace_back(name, value.share(member.value));
            continue;
        }
        const std::string_view base = name.starts_with('_') ? name.substr(1) : name;
        const Type::Member known = type.member(base);
        const bool is_primitive = known.element && known.type->kind == Type::Kind::Primitive;
        const bool has_place = is_primitive || (known.element && base == name);
        const auto choice =
            has_place ? chosen.try_emplace(known.element, base) : std::pair(chosen.end(), false);
        if (!has_place || choice.first->second != base)
            over.push_back({std::string(name), value.share(member.value)});
        else if (choice.second && is_primitive)
            add_primitive(type, known, value, base, kept);
        else if (choice.second)
            add_complex(type, known, value.share(member.value), name, kept, over);
    }
    place_ = around;
    Json made = Json::object(std::move(kept));
    if (made.size() > 0) made = with_required(type, std::move(made));
    if (is_resource && in_contained_ && made.has("contained")) {
        over.push_back({"contained", made.get("contained")});
        made = made.without("contained");
    }
    if (is_resource && !in_contained_) made = settle_contained(made, over);
    return with_over(type, std::move(made), std::move(over));
}

}  // namespace

Json repair_parts(const Json& resource, const TypeOf& type_of) {
    const Type* const type = find_type(resource["resourceType"].string());
    if (!type) return resource;
    const Json named = with_contained_ids(resource);
    return Repairer(type_of, named).object(*type, named, {{&type, 1}, nullptr, ""}).json;
}

}  // namespace consultd::fhir::r4
