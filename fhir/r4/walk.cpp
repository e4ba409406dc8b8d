#include "fhir/r4/walk.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace consultd::fhir::r4 {
namespace {

// The hook of a type, as far as it has one of its own.
Hooks typed_hook_of(const Type& type) {
    if (type.kind == Type::Kind::Resource) return static_cast<Hooks>(Hook::Resource);
    switch (type.datatype) {
        case Datatype::Attachment:
            return static_cast<Hooks>(Hook::Attachment);
        case Datatype::CodeableConcept:
            return static_cast<Hooks>(Hook::CodeableConcept);
        case Datatype::Coding:
            return static_cast<Hooks>(Hook::Coding);
        case Datatype::Date:
            return static_cast<Hooks>(Hook::Date);
        case Datatype::Extension:
            return static_cast<Hooks>(Hook::Extension);
        case Datatype::Identifier:
            return static_cast<Hooks>(Hook::Identifier);
        case Datatype::Narrative:
            return static_cast<Hooks>(Hook::Narrative);
        case Datatype::Quantity:
            return static_cast<Hooks>(Hook::Quantity);
        case Datatype::Reference:
            return static_cast<Hooks>(Hook::Reference);
        case Datatype::Other:
            break;
    }
    return 0;
}

Edit typed_hook(Walker& walker, const Visit& visit) {
    if (visit.type.kind == Type::Kind::Resource) return walker.resource(visit);
    switch (visit.type.datatype) {
        case Datatype::Attachment:
            return walker.attachment(visit);
        case Datatype::CodeableConcept:
            return walker.codeable_concept(visit);
        case Datatype::Coding:
            return walker.coding(visit);
        case Datatype::Date:
            return walker.date(visit);
        case Datatype::Extension:
            return walker.extension(visit);
        case Datatype::Identifier:
            return walker.identifier(visit);
        case Datatype::Narrative:
            return walker.narrative(visit);
        case Datatype::Quantity:
            return walker.quantity(visit);
        case Datatype::Reference:
            return walker.reference(visit);
        case Datatype::Other:
            break;
    }
    return Edit::keep();
}

// What became of a value and the `_name` object beside it. Both null: it is gone.
struct Pair {
    Json value;
    Json sibling;
    bool gone() const { return value.is_null() && sibling.is_null(); }
};
// Absent: it stays as it was.
using Changed = std::optional<Pair>;

bool is_gone(const Changed& changed) { return changed && changed->gone(); }

void apply(Edit edit, Changed& changed, const JsonPart& sibling) {
    if (edit.act == Edit::Act::Keep) return;
    if (!changed) changed.emplace(Pair{{}, sibling});
    switch (edit.act) {
        case Edit::Act::Keep:
            return;
        case Edit::Act::Replace:
            changed->value = std::move(edit.value);
            break;
        case Edit::Act::ReplaceBoth:
            changed->value = std::move(edit.value);
            changed->sibling = std::move(edit.sibling);
            break;
        case Edit::Act::Remove:
            changed->value = changed->sibling = Json();
            break;
    }
}

bool is_primitive_value(JsonView value) {
    return !value.is_null() && !value.is_array() && !value.is_object();
}

// The items of an array in which some may change. Until one does, nothing is copied.
class Items {
public:
    explicit Items(const JsonPart& array) : array_(array) {}
    // What became of the next one.
    void add(std::size_t position, Changed changed) {
        if (changed && !has_changed_) {
            has_changed_ = true;
            for (std::size_t i = 0; i < position; ++i) items_.push_back(item(i));
        }
        if (!has_changed_) return;
        if (!changed)
            items_.push_back(item(position));
        else if (!changed->gone())
            items_.push_back(std::move(changed->value));
    }
    Changed result() {
        if (!has_changed_) return std::nullopt;
        return Pair{items_.empty() ? Json() : Json::array(std::move(items_)), {}};
    }

private:
    Json item(std::size_t position) const { return array_.part(array_.items()[position]); }

    const JsonPart& array_;
    std::vector<Json> items_;
    bool has_changed_ = false;
};

class Walk {
public:
    Walk(Walker& walker, Hooks hooks) : walker_(walker), hooks_(hooks) {}

    Json root(const Json& resource) {
        const Type* type = resource_type(resource);
        if (!type) {
            walker_.unknown(path_, resource, "resourceType");
            return resource;
        }
        const Step step(path_, type->name, -1);
        Changed changed = complex(*type, nullptr, resource);
        return changed ? std::move(changed->value) : resource;
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

    bool has(Hooks hook) const { return (hooks_ & hook) != 0; }
    bool has(Hook hook) const { return has(static_cast<Hooks>(hook)); }
    // A primitive of this type without a `_name` has nobody who looks at it.
    bool is_of_interest(const Type& type) const {
        return has(Hook::Element) || has(typed_hook_of(type));
    }

    static const Type* resource_type(JsonView resource) {
        const Type* type = find_type(resource["resourceType"].string());
        return type && type->kind == Type::Kind::Resource && type->name.view() != "Resource" &&
                       type->name.view() != "DomainResource"
                   ? type
                   : nullptr;
    }

    Changed visit(const Type& type, const Element* element, const JsonPart& value,
                  const JsonPart& sibling) {
        Changed changed;
        const Visit here{type, element, path_, value, sibling, contained_};
        if (has(typed_hook_of(type))) apply(typed_hook(walker_, here), changed, sibling);
        if (has(Hook::RootId) && path_.depth() == 2 && element && element->name.view() == "id")
            apply(walker_.root_id(here), changed, sibling);
        if (!has(Hook::Element) || is_gone(changed)) return changed;
        const JsonPart value_now = changed ? JsonPart(changed->value) : value;
        const JsonPart sibling_now = changed ? JsonPart(changed->sibling) : sibling;
        apply(walker_.element({type, element, path_, value_now, sibling_now, contained_}), changed,
              sibling);
        return changed;
    }

    // A complex value or a resource: its members first, then itself. The path already names it.
    Changed complex(const Type& type, const Element* element, const JsonPart& value) {
        if (has(Hook::Enter) && !walker_.enter({type, element, path_, value, {}, contained_}))
            return std::nullopt;
        Changed inside = members(type, value);
        if (is_gone(inside)) return inside;  // our edits left nothing in it
        Changed own =
            inside ? visit(type, element, inside->value, {}) : visit(type, element, value, {});
        return own ? std::move(own) : std::move(inside);
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
    Changed members(const Type& type, const JsonPart& object) {
        std::vector<Rewritten> rewritten;
        const auto all = object.members();
        const bool has_siblings = std::any_of(all.begin(), all.end(), [](const JsonMember& member) {
            return *member.name_text == '_';
        });
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string_view name = all[i].name();
            if (type.kind == Type::Kind::Resource && name == "resourceType") continue;
            const bool is_sibling = has_siblings && name.starts_with('_');
            const std::string_view base = is_sibling ? name.substr(1) : name;
            const Type::Member known =
                is_sibling ? type.member(base) : type.member(name, all[i].tag());
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
            Changed changed = primitive
                                  ? primitive_member(known, object, all[i], base, has_siblings)
                                  : complex_member(known, object, all[i]);
            if (changed) rewritten.push_back({i, base, primitive, *std::move(changed)});
        }
        if (rewritten.empty()) return std::nullopt;
        return Pair{rebuilt(type, object, rewritten), {}};
    }

    static Json rebuilt(const Type& type, const JsonPart& object,
                        const std::vector<Rewritten>& rewritten) {
        JsonObjectBuilder builder;
        builder.keep(object);
        bool is_empty = true;
        const auto all = object.members();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string_view name = all[i].name();
            const auto found =
                std::find_if(rewritten.begin(), rewritten.end(),
                             [&](const Rewritten& candidate) { return candidate.owns(name); });
            if (found == rewritten.end()) {
                if (all[i].value.is_null()) continue;  // FHIR has no null there
                builder.share(all[i]);
                is_empty = false;
            } else if (found->at == i) {
                if (name == found->base)
                    builder.add(all[i], found->pair.value);
                else
                    builder.add(found->base, found->pair.value);
                if (!found->pair.sibling.is_null())
                    builder.add('_' + std::string(found->base), found->pair.sibling);
                is_empty = is_empty && found->pair.gone();
            }
        }
        if (is_empty && type.kind != Type::Kind::Resource) return {};
        return builder.build();
    }

    Changed complex_member(const Type::Member& known, const JsonPart& object,
                           const JsonMember& member) {
        const JsonPart value = object.part(member.value);
        if (known.element->is_many() ? !value.is_array() : !value.is_object()) {
            walker_.misshapen(path_, object, member.name());
            return std::nullopt;
        }
        if (!known.element->is_many()) return complex_item(known, object, member, value, -1);
        Items items(value);
        for (std::size_t i = 0; i < value.items().size(); ++i)
            items.add(i, complex_item(known, object, member, value.part(value.items()[i]),
                                      static_cast<int>(i)));
        return items.result();
    }

    Changed complex_item(const Type::Member& known, const JsonPart& object,
                         const JsonMember& member, const JsonPart& value, int position) {
        if (!value.is_object()) {
            walker_.misshapen(path_, object, member.name());
            return std::nullopt;
        }
        const Step step(path_, known.element->name, position);
        if (known.type->kind != Type::Kind::Resource)
            return complex(*known.type, known.element, value);
        const Type* type = resource_type(value);
        if (!type) {
            walker_.unknown(path_, value, "resourceType");
            return std::nullopt;
        }
        const bool outside =
            std::exchange(contained_, contained_ || known.element->name.view() == "contained");
        Changed changed = complex(*type, known.element, value);
        contained_ = outside;
        return changed;
    }

    // The primitive `base` with its `_base`, or the array of each, aligned by position. `member` is
    // the one of the two that was met.
    Changed primitive_member(const Type::Member& known, const JsonPart& object,
                             const JsonMember& member, std::string_view base, bool has_siblings) {
        const bool is_sibling = member.name().size() != base.size();
        const std::string sibling_name = has_siblings ? '_' + std::string(base) : std::string();
        const JsonMember* other = has_siblings && !is_sibling ? object.find(sibling_name) : nullptr;
        const JsonMember* const found = is_sibling ? &member : other;
        const JsonPart value = is_sibling ? JsonPart() : object.part(member.value);
        const JsonPart sibling = found ? object.part(found->value) : JsonPart();
        const bool many = known.element->is_many();
        if (!is_sibling && (many ? !value.is_array() : !is_primitive_value(value))) {
            walker_.misshapen(path_, object, base);
        } else if (found && (many ? !sibling.is_array() : !sibling.is_object())) {
            walker_.misshapen(path_, object, sibling_name);
        } else if (many) {
            return primitive_array(known, object, base, value, sibling);
        } else if (found || is_of_interest(*known.type) ||
                   (has(Hook::RootId) && path_.depth() == 1)) {
            const Step step(path_, known.element->name, -1);
            return primitive_item(known, value, sibling);
        }
        return std::nullopt;
    }

    Changed primitive_array(const Type::Member& known, const JsonPart& object,
                            std::string_view base, const JsonPart& value, const JsonPart& sibling) {
        std::vector<Json> values, siblings;
        bool has_changed = false;
        const std::size_t count = std::max(value.size(), sibling.size());
        const auto at = [](const JsonPart& array, std::size_t i) {
            return i < array.size() ? array.part(array.items()[i]) : JsonPart();
        };
        for (std::size_t i = 0; i < count; ++i) {
            const JsonPart one = at(value, i), beside = at(sibling, i);
            Changed changed;
            if (!((one.is_null() || is_primitive_value(one)) &&
                  (beside.is_null() || beside.is_object()))) {
                walker_.misshapen(path_, object, base);
            } else if (one.is_null() && beside.is_null()) {
                walker_.unknown(path_, object, base);
            } else if (!beside.is_null() || is_of_interest(*known.type)) {
                const Step step(path_, known.element->name, static_cast<int>(i));
                changed = primitive_item(known, one, beside);
            }
            if (changed && !has_changed) {
                has_changed = true;
                for (std::size_t k = 0; k < i; ++k) {
                    values.push_back(at(value, k));
                    siblings.push_back(at(sibling, k));
                }
            }
            if (!has_changed || is_gone(changed)) continue;
            values.push_back(changed ? std::move(changed->value) : Json(one));
            siblings.push_back(changed ? std::move(changed->sibling) : Json(beside));
        }
        if (!has_changed) return std::nullopt;
        return Pair{array_unless_blank(std::move(values)), array_unless_blank(std::move(siblings))};
    }

    static Json array_unless_blank(std::vector<Json> items) {
        const bool blank = std::all_of(items.begin(), items.end(),
                                       [](const Json& item) { return item.is_null(); });
        return blank ? Json() : Json::array(std::move(items));
    }

    Changed primitive_item(const Type::Member& known, const JsonPart& value,
                           const JsonPart& sibling) {
        Changed inside;
        if (!sibling.is_null()) inside = members(*known.type, sibling);
        // What changed in the sibling stands in `inside->value`.
        if (inside) inside.emplace(Pair{value, std::move(inside->value)});
        if (is_gone(inside)) return inside;
        Changed own = inside ? visit(*known.type, known.element, inside->value, inside->sibling)
                             : visit(*known.type, known.element, value, sibling);
        return own ? std::move(own) : std::move(inside);
    }

    Walker& walker_;
    const Hooks hooks_;
    ElementPath path_;
    bool contained_ = false;
};

}  // namespace

Json walk(const Json& resource, Walker& walker, Hooks hooks) {
    return Walk(walker, hooks).root(resource);
}

}  // namespace consultd::fhir::r4
