#include "fhir/r4/walk.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace consultd::fhir::r4 {
namespace {

// The types that have a hook of their own.
struct HookedTypes {
    const Type* reference = find_type("Reference");
    const Type* coding = find_type("Coding");
    const Type* codeable_concept = find_type("CodeableConcept");
    const Type* identifier = find_type("Identifier");
    const Type* attachment = find_type("Attachment");
    const Type* narrative = find_type("Narrative");
    const Type* extension = find_type("Extension");
    const Type* date = find_type("date");
    const Type* date_time = find_type("dateTime");
    const Type* instant = find_type("instant");
    const Type* quantities[5] = {find_type("Quantity"), find_type("Age"), find_type("Count"),
                                 find_type("Distance"), find_type("Duration")};
};

const HookedTypes& hooked() {
    static const HookedTypes types;
    return types;
}

Edit typed_hook(Walker& walker, const Visit& visit) {
    const HookedTypes& types = hooked();
    const Type* type = &visit.type;
    switch (type->kind) {
        case Type::Kind::Backbone:
            return Edit::keep();
        case Type::Kind::Resource:
            return walker.resource(visit);
        case Type::Kind::Primitive:
            if (type == types.date || type == types.date_time || type == types.instant)
                return walker.date(visit);
            return Edit::keep();
        case Type::Kind::Complex:
            break;
    }
    if (type == types.coding) return walker.coding(visit);
    if (type == types.codeable_concept) return walker.codeable_concept(visit);
    if (type == types.reference) return walker.reference(visit);
    if (type == types.extension) return walker.extension(visit);
    if (type == types.identifier) return walker.identifier(visit);
    if (type == types.narrative) return walker.narrative(visit);
    if (type == types.attachment) return walker.attachment(visit);
    for (const Type* quantity : types.quantities)
        if (type == quantity) return walker.quantity(visit);
    return Edit::keep();
}

// A value and the `_name` object beside it. Both null: it is gone.
struct Pair {
    Json value;
    Json sibling;
    bool changed = false;
    bool gone() const { return value.is_null() && sibling.is_null(); }
};

void apply(Edit edit, Pair& pair) {
    switch (edit.act) {
        case Edit::Act::Keep:
            return;
        case Edit::Act::Replace:
            pair.value = std::move(edit.value);
            break;
        case Edit::Act::ReplaceBoth:
            pair.value = std::move(edit.value);
            pair.sibling = std::move(edit.sibling);
            break;
        case Edit::Act::Remove:
            pair.value = pair.sibling = Json();
            break;
    }
    pair.changed = true;
}

class Walk {
public:
    explicit Walk(Walker& walker) : walker_(walker) {}

    Json root(const Json& resource) {
        const Type* type = resource_type(resource);
        if (!type) {
            walker_.unknown(path_, resource, "resourceType");
            return resource;
        }
        const Step step(path_, type->name, -1);
        return complex(*type, nullptr, resource).value;
    }

private:
    // One step of the path, for as long as we are below it.
    class Step {
    public:
        Step(ElementPath& path, StaticText name, int index) : path_(path) {
            path_.push(name, index);
        }
        ~Step() { path_.pop(); }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

    private:
        ElementPath& path_;
    };

    static const Type* resource_type(JsonView resource) {
        const Type* type = find_type(resource["resourceType"].string());
        return type && type->kind == Type::Kind::Resource && type->name.view() != "Resource" &&
                       type->name.view() != "DomainResource"
                   ? type
                   : nullptr;
    }

    Pair visit(const Type& type, const Element* element, Pair pair) {
        apply(typed_hook(walker_, {type, element, path_, pair.value, pair.sibling, contained_}),
              pair);
        if (!pair.gone())
            apply(walker_.element({type, element, path_, pair.value, pair.sibling, contained_}),
                  pair);
        return pair;
    }

    // A complex value or a resource: its members first, then itself. The path already names it.
    Pair complex(const Type& type, const Element* element, const Json& value) {
        if (!walker_.enter({type, element, path_, value, {}, contained_}))
            return {value, {}, false};
        Pair pair = members(type, value);
        if (pair.gone()) return pair;  // our edits left nothing in it
        const bool changed = pair.changed;
        pair = visit(type, element, std::move(pair));
        pair.changed = pair.changed || changed;
        return pair;
    }

    // A member whose value changed; a primitive's `_name` goes with it.
    struct Rewritten {
        std::size_t at;
        std::string_view base;
        bool primitive;
        Pair pair;
        bool owns(std::string_view name) const {
            return name == base || (primitive && name.starts_with('_') && name.substr(1) == base);
        }
    };

    // The object with its members walked. Emptied by our edits: null, unless it is a resource.
    Pair members(const Type& type, const Json& object) {
        std::vector<Rewritten> rewritten;
        const auto all = object.members();
        const bool has_siblings = std::any_of(all.begin(), all.end(), [](const JsonMember& member) {
            return member.name().starts_with('_');
        });
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string_view name = all[i].name();
            if (type.kind == Type::Kind::Resource && name == "resourceType") continue;
            const bool is_sibling = name.starts_with('_');
            const std::string_view base = is_sibling ? name.substr(1) : name;
            const Type::Member known = type.member(base);
            const bool primitive = known.element && known.type->kind == Type::Kind::Primitive;
            if (!known.element || (is_sibling && !primitive)) {
                walker_.unknown(path_, object, name);
                continue;
            }
            if (path_.depth() == ElementPath::depth_max) {
                walker_.misshapen(path_, object, name);
                continue;
            }
            if (is_sibling && object.has(base)) continue;  // visited with its value
            Pair pair = primitive ? primitive_member(known, object, base, has_siblings)
                                  : complex_member(known, object, name);
            if (pair.changed) rewritten.push_back({i, base, primitive, std::move(pair)});
        }
        if (rewritten.empty()) return {object, {}, false};
        return {rebuilt(type, object, rewritten), {}, true};
    }

    static Json rebuilt(const Type& type, const Json& object,
                        const std::vector<Rewritten>& rewritten) {
        std::vector<std::pair<std::string, Json>> kept;
        const auto all = object.members();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string_view name = all[i].name();
            const auto found =
                std::find_if(rewritten.begin(), rewritten.end(),
                             [&](const Rewritten& candidate) { return candidate.owns(name); });
            if (found == rewritten.end()) {
                kept.emplace_back(name, object.share(all[i].value));
            } else if (found->at == i) {
                const std::string base(found->base);
                if (!found->pair.value.is_null()) kept.emplace_back(base, found->pair.value);
                if (!found->pair.sibling.is_null())
                    kept.emplace_back('_' + base, found->pair.sibling);
            }
        }
        if (kept.empty() && type.kind != Type::Kind::Resource) return {};
        return Json::object(std::move(kept));
    }

    Pair complex_member(const Type::Member& known, const Json& object, std::string_view name) {
        const Json value = object.get(name);
        if (known.element->is_many() ? !value.is_array() : !value.is_object()) {
            walker_.misshapen(path_, object, name);
            return {value, {}, false};
        }
        if (!known.element->is_many()) return complex_item(known, object, name, value, -1);
        std::vector<Json> items;
        bool changed = false;
        int position = 0;
        for (const JsonView item : value.items()) {
            Pair pair = complex_item(known, object, name, value.share(item), position++);
            changed = changed || pair.changed;
            if (!pair.gone()) items.push_back(std::move(pair.value));
        }
        if (!changed) return {value, {}, false};
        return {items.empty() ? Json() : Json::array(std::move(items)), {}, true};
    }

    Pair complex_item(const Type::Member& known, const Json& object, std::string_view name,
                      const Json& value, int position) {
        if (!value.is_object()) {
            walker_.misshapen(path_, object, name);
            return {value, {}, false};
        }
        const Step step(path_, known.element->name, position);
        if (known.type->kind != Type::Kind::Resource)
            return complex(*known.type, known.element, value);
        const Type* type = resource_type(value);
        if (!type) {
            walker_.unknown(path_, value, "resourceType");
            return {value, {}, false};
        }
        const bool outside =
            std::exchange(contained_, contained_ || known.element->name.view() == "contained");
        Pair pair = complex(*type, known.element, value);
        contained_ = outside;
        return pair;
    }

    static bool is_primitive_value(JsonView value) {
        return !value.is_null() && !value.is_array() && !value.is_object();
    }

    // The primitive `base` with its `_base`, or the array of each, aligned by position.
    Pair primitive_member(const Type::Member& known, const Json& object, std::string_view base,
                          bool has_siblings) {
        const std::string sibling_name = has_siblings ? '_' + std::string(base) : std::string();
        const bool has_value = object.has(base);
        const bool has_sibling = has_siblings && object.has(sibling_name);
        const Json value = object.get(base);
        const Json sibling = has_sibling ? object.get(sibling_name) : Json();
        const bool many = known.element->is_many();
        if (has_value && (many ? !value.is_array() : !is_primitive_value(value))) {
            walker_.misshapen(path_, object, base);
        } else if (has_sibling && (many ? !sibling.is_array() : !sibling.is_object())) {
            walker_.misshapen(path_, object, sibling_name);
        } else if (many) {
            return primitive_array(known, object, base, value, sibling);
        } else {
            const Step step(path_, known.element->name, -1);
            return primitive_item(known, {value, sibling, false});
        }
        return {value, sibling, false};
    }

    Pair primitive_array(const Type::Member& known, const Json& object, std::string_view base,
                         const Json& value, const Json& sibling) {
        std::vector<Json> values, siblings;
        bool changed = false;
        const std::size_t count = std::max(value.size(), sibling.size());
        for (std::size_t i = 0; i < count; ++i) {
            Pair pair{i < value.size() ? value.share(value.items()[i]) : Json(),
                      i < sibling.size() ? sibling.share(sibling.items()[i]) : Json(), false};
            const bool right_kinds = (pair.value.is_null() || is_primitive_value(pair.value)) &&
                                     (pair.sibling.is_null() || pair.sibling.is_object());
            if (!right_kinds) {
                walker_.misshapen(path_, object, base);
            } else if (pair.gone()) {
                walker_.unknown(path_, object, base);
            } else {
                const Step step(path_, known.element->name, static_cast<int>(i));
                pair = primitive_item(known, std::move(pair));
                changed = changed || pair.changed;
                if (pair.gone()) continue;
            }
            values.push_back(std::move(pair.value));
            siblings.push_back(std::move(pair.sibling));
        }
        if (!changed) return {value, sibling, false};
        return {array_unless_blank(std::move(values)), array_unless_blank(std::move(siblings)),
                true};
    }

    static Json array_unless_blank(std::vector<Json> items) {
        const bool blank = std::all_of(items.begin(), items.end(),
                                       [](const Json& item) { return item.is_null(); });
        return blank ? Json() : Json::array(std::move(items));
    }

    Pair primitive_item(const Type::Member& known, Pair pair) {
        bool changed = false;
        if (!pair.sibling.is_null()) {
            Pair inside = members(*known.type, pair.sibling);
            changed = inside.changed;
            pair.sibling = std::move(inside.value);
        }
        if (pair.gone()) return {{}, {}, true};
        pair = visit(*known.type, known.element, std::move(pair));
        pair.changed = pair.changed || changed;
        return pair;
    }

    Walker& walker_;
    ElementPath path_;
    bool contained_ = false;
};

}  // namespace

Json walk(const Json& resource, Walker& walker) { return Walk(walker).root(resource); }

}  // namespace consultd::fhir::r4
