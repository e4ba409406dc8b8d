// walk: visits a resource once by the element table and calls typed hooks, children first.
// Validation, reference rewriting, code rules, trace removal and narrative cleaning are all hooks;
// no rule hunts for fields by name in JSON. What the table does not know is carried unchanged and
// told to `unknown` or `misshapen`.
#pragma once

#include <cstdint>
#include <type_traits>

#include "fhir/json.h"
#include "fhir/r4/elements.h"

namespace consultd::fhir::r4 {

// One value of one element (each item of a repeating element is a visit of its own).
struct Visit {
    const Type& type;        // Reference, dateTime, Observation.component, Patient …
    const Element* element;  // null for the resource itself
    const ElementPath& path;
    JsonPart value;    // null when a primitive has only its `_name`
    JsonPart sibling;  // the `_name` object of a primitive: id, extension; null where there is none
    bool in_contained;  // inside a contained resource
};

// What becomes of the visited value. A removed item leaves its array; an array or object left empty
// leaves too, and so on upward, but not a resource.
class Edit {
public:
    static Edit keep() { return {}; }
    static Edit replace(Json value) { return Edit(Act::Replace, std::move(value), {}); }
    // For a primitive: the value and its `_name` object.
    static Edit replace(Json value, Json sibling) {
        return Edit(Act::ReplaceBoth, std::move(value), std::move(sibling));
    }
    static Edit remove() { return Edit(Act::Remove, {}, {}); }

    enum class Act { Keep, Replace, ReplaceBoth, Remove };
    Act act = Act::Keep;
    Json value;
    Json sibling;

private:
    Edit() = default;
    Edit(Act what, Json new_value, Json new_sibling)
        : act(what), value(std::move(new_value)), sibling(std::move(new_sibling)) {}
};

// A set of hooks. Each default keeps. The typed hook comes first, then `element` with its result.
class Walker {
public:
    virtual ~Walker() = default;
    // Asked before the children of a complex value; false leaves the whole value as it is,
    // unvisited.
    virtual bool enter(const Visit&) { return true; }
    virtual Edit reference(const Visit&) { return Edit::keep(); }
    virtual Edit coding(const Visit&) { return Edit::keep(); }
    virtual Edit codeable_concept(const Visit&) { return Edit::keep(); }
    virtual Edit quantity(const Visit&) {
        return Edit::keep();
    }  // and Age, Count, Distance, Duration, Money's kin
    virtual Edit date(const Visit&) { return Edit::keep(); }  // date, dateTime, instant
    virtual Edit identifier(const Visit&) { return Edit::keep(); }
    virtual Edit attachment(const Visit&) { return Edit::keep(); }
    virtual Edit narrative(const Visit&) { return Edit::keep(); }
    virtual Edit extension(const Visit&) {
        return Edit::keep();
    }  // modifierExtension too: see element
    virtual Edit resource(const Visit&) {
        return Edit::keep();
    }  // the root, contained, Bundle entries
    virtual Edit root_id(const Visit&) { return Edit::keep(); }  // the id of the root itself
    virtual Edit element(const Visit&) { return Edit::keep(); }  // every value, of any type
    // A member the table does not know.
    virtual void unknown(const ElementPath& parent, JsonView object, std::string_view member) {
        (void)parent;
        (void)object;
        (void)member;
    }
    // A member that the table knows with another JSON kind (an array where none repeats …), or
    // deeper than a path can be.
    virtual void misshapen(const ElementPath& parent, JsonView object, std::string_view member) {
        unknown(parent, object, member);
    }
};

// Which hooks a walker has of its own: the others are not called.
enum class Hook : std::uint16_t {
    Enter = 1,
    Reference = 2,
    Coding = 4,
    CodeableConcept = 8,
    Quantity = 16,
    Date = 32,
    Identifier = 64,
    Attachment = 128,
    Narrative = 256,
    Extension = 512,
    Resource = 1024,
    Element = 2048,
    RootId = 4096,
};
using Hooks = std::uint16_t;
inline constexpr Hooks all_hooks = 8191;

template <class OwnWalker>
constexpr Hooks hooks_of() {
    Hooks hooks = 0;
    const auto add = [&](Hook hook, bool is_own) {
        if (is_own) hooks = static_cast<Hooks>(hooks | static_cast<Hooks>(hook));
    };
    const auto is_own = [](auto own, auto inherited) {
        return !std::is_same_v<decltype(own), decltype(inherited)>;
    };
    add(Hook::Enter, is_own(&OwnWalker::enter, &Walker::enter));
    add(Hook::Reference, is_own(&OwnWalker::reference, &Walker::reference));
    add(Hook::Coding, is_own(&OwnWalker::coding, &Walker::coding));
    add(Hook::CodeableConcept, is_own(&OwnWalker::codeable_concept, &Walker::codeable_concept));
    add(Hook::Quantity, is_own(&OwnWalker::quantity, &Walker::quantity));
    add(Hook::Date, is_own(&OwnWalker::date, &Walker::date));
    add(Hook::Identifier, is_own(&OwnWalker::identifier, &Walker::identifier));
    add(Hook::Attachment, is_own(&OwnWalker::attachment, &Walker::attachment));
    add(Hook::Narrative, is_own(&OwnWalker::narrative, &Walker::narrative));
    add(Hook::Extension, is_own(&OwnWalker::extension, &Walker::extension));
    add(Hook::Resource, is_own(&OwnWalker::resource, &Walker::resource));
    add(Hook::Element, is_own(&OwnWalker::element, &Walker::element));
    add(Hook::RootId, is_own(&OwnWalker::root_id, &Walker::root_id));
    return hooks;
}

// The resource with all edits made. Values without edits share the page they came from. Removing
// the resource itself returns null. A resource of unknown type, or nesting past
// ElementPath::depth_max, comes back unchanged and is told to `unknown`.
Json walk(const Json& resource, Walker& walker, Hooks hooks);

template <class OwnWalker>
Json walk(const Json& resource, OwnWalker& walker) {
    // Of a class that others may derive from, nobody knows which hooks the object has.
    if constexpr (std::is_final_v<OwnWalker>)
        return walk(resource, walker, hooks_of<OwnWalker>());
    else
        return walk(resource, walker, all_hooks);
}

}  // namespace consultd::fhir::r4
