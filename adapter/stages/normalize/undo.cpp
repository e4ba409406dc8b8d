// undo: the changes taken back, the last one first, each only where what it made still stands.
#include <charconv>
#include <map>
#include <optional>

#include "adapter/stages/normalize/normalize.h"
#include "fhir/r4/elements.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::r4::Element;
using fhir::r4::Type;

struct Step {
    std::string name;
    std::optional<std::size_t> position;
};

// "Observation.component[1].code", or "Observation" alone: the whole of it; absent when it is none.
std::optional<std::vector<Step>> parse_path(std::string_view text) {
    std::vector<Step> steps;
    while (!text.empty()) {
        const std::size_t dot = std::min(text.find('.'), text.size());
        std::string_view part = text.substr(0, dot);
        text.remove_prefix(std::min(dot + 1, text.size()));
        Step step;
        if (const std::size_t open = part.find('['); open != std::string_view::npos) {
            std::size_t position = 0;
            const char* end = part.data() + part.size();
            const auto [stop, error] = std::from_chars(part.data() + open + 1, end, position);
            if (error != std::errc() || stop + 1 != end || *stop != ']') return std::nullopt;
            step.position = position;
            part = part.substr(0, open);
        }
        step.name = part;
        steps.push_back(std::move(step));
    }
    if (steps.empty() || steps.size() > fhir::r4::ElementPath::depth_max) return std::nullopt;
    return steps;
}

// The name of the member that holds this element, the type at its end where it is a choice.
std::string member_name(const Type& type, const Element& element, const Json& object) {
    if (!element.is_choice) return element.name.c_str();
    for (const fhir::JsonMember& member : object.members()) {
        const std::string_view name = member.name();
        const std::string_view base = name.starts_with('_') ? name.substr(1) : name;
        if (type.member(base).element == &element) return std::string(base);
    }
    return {};
}

using Steps = std::span<const Step>;
std::optional<Json> restore(const Type& type, const Json& object, Steps steps,
                            const Change& change);

// The value with what lies below it restored.
std::optional<Json> restore_below(const Type& type, const Json& value, Steps rest,
                                  const Change& change) {
    if (rest.empty()) {
        if (!same_value(value, change.after)) return std::nullopt;
        return change.before;
    }
    const Type* own = &type;
    if (type.kind == Type::Kind::Resource)
        own = fhir::r4::find_type(value["resourceType"].string());
    if (!own || !value.is_object()) return std::nullopt;
    return restore(*own, value, rest, change);
}

std::optional<Json> restore(const Type& type, const Json& object, Steps steps,
                            const Change& change) {
    const Step& step = steps.front();
    // A choice that is there goes by its element's name, one that may be gone by its member's.
    const Element* element = type.find(step.name);
    std::string name = element ? member_name(type, *element, object) : step.name;
    const bool is_sibling = name.starts_with('_');
    const Type* below = type.member(std::string_view(name).substr(is_sibling ? 1 : 0)).type;
    if (!below || (is_sibling && steps.size() > 1)) return std::nullopt;
    // What lies below a primitive lies in its `_name`.
    if (below->kind == Type::Kind::Primitive && steps.size() > 1) name.insert(0, 1, '_');
    const Json value = object.get(name);
    if (!step.position) {
        const auto restored = restore_below(*below, value, steps.subspan(1), change);
        if (!restored) return std::nullopt;
        // A primitive's `_name` without anything in it is not there.
        if (name.starts_with('_') && restored->is_object() && restored->size() == 0)
            return object.without(name);
        return object.with(name, *restored);
    }
    if (*step.position >= value.size()) return std::nullopt;
    std::vector<Json> items;
    for (const fhir::JsonView item : value.items()) items.push_back(value.share(item));
    const auto restored = restore_below(*below, items[*step.position], steps.subspan(1), change);
    if (!restored) return std::nullopt;
    items[*step.position] = *restored;
    return object.with(name, Json::array(std::move(items)));
}

}  // namespace

Result<std::vector<Json>> undo(const std::vector<Json>& resources, const ChangeList& changes) {
    std::vector<Json> out = resources;
    std::map<std::string, std::size_t, std::less<>> by_full_url;
    for (std::size_t i = 0; i < out.size(); ++i)
        by_full_url.emplace("urn:uuid:" + std::string(out[i]["id"].string()), i);
    for (std::size_t i = changes.size(); i-- > 0;) {
        const Change change = changes[i];
        const auto found = by_full_url.find(change.resource);
        if (found == by_full_url.end()) continue;  // not among those we were given
        Json& resource = out[found->second];
        const auto steps = parse_path(change.path);
        if (!steps) return Error(ErrorKind::Malformed, "a change has no element path");
        if (steps->size() == 1) {
            if (!same_value(resource, change.after) ||
                change.before["resourceType"].string() != steps->front().name)
                return Error(ErrorKind::Corrupt, "a resource is not as the change left it");
            resource = change.before;
            continue;
        }
        const Type* type = fhir::r4::find_type(resource["resourceType"].string());
        if (!type || type->name.view() != steps->front().name)
            return Error(ErrorKind::Corrupt, "a change is of another type than its resource");
        auto restored = restore(*type, resource, Steps(*steps).subspan(1), change);
        if (!restored) return Error(ErrorKind::Corrupt, "a resource is not as the change left it");
        resource = *std::move(restored);
    }
    return out;
}

}  // namespace consultd
