#include "adapter/stages/changes_between.h"

#include <algorithm>
#include <set>

#include "fhir/r4/elements.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonMember;
using fhir::JsonView;
using fhir::r4::Type;

using NamesOfMembers = std::set<std::string_view>;

// The members that differ. Absent: a path cannot lead to one of them, or put back what it was.
std::optional<NamesOfMembers> differing(const Type& type, JsonView before, JsonView after) {
    NamesOfMembers names;
    for (const JsonView both : {before, after})
        for (const JsonMember& member : both.members()) {
            const std::string_view name = member.name();
            if (member.value.is_null()) return std::nullopt;
            if (same_value(before[name], after[name])) continue;
            const bool is_sibling = name.starts_with('_');
            const Type* const below = type.member(name.substr(is_sibling ? 1 : 0)).type;
            if (!below || (is_sibling && below->kind != Type::Kind::Primitive)) return std::nullopt;
            names.insert(name);
        }
    return names;
}

bool are_alike_lists(JsonView before, JsonView after) {
    const auto holds_objects = [](JsonView list) {
        return std::ranges::all_of(list.items(), [](JsonView item) { return item.is_object(); });
    };
    return before.is_array() && after.is_array() && before.size() == after.size() &&
           holds_objects(before) && holds_objects(after);
}

class Comparing {
public:
    Comparing(std::string_view full_url, StaticText rule, ChangeList& changes)
        : full_url_(full_url), rule_(rule), changes_(changes) {}

    void compare(const Type& declared, const std::string& path, const Json& before,
                 const Json& after) {
        const Type* type = &declared;
        if (type->kind == Type::Kind::Resource)
            type = fhir::r4::find_type(before["resourceType"].string());
        if (!type || !before.is_object() || !after.is_object() ||
            before["resourceType"].string() != after["resourceType"].string())
            return note(path, before, after);
        const auto names = differing(*type, before, after);
        if (!names) return note(path, before, after);
        for (const std::string_view name : *names)
            compare_member(*type, path + "." + std::string(name), name, before.get(name),
                           after.get(name));
    }

private:
    void compare_member(const Type& type, const std::string& path, std::string_view name,
                        const Json& before, const Json& after) {
        // What lies in a `_name` is put back with it.
        if (name.starts_with('_')) return note(path, before, after);
        const Type& below = *type.member(name).type;
        if (before.is_object() && after.is_object()) return compare(below, path, before, after);
        if (!are_alike_lists(before, after)) return note(path, before, after);
        for (std::size_t i = 0; i < before.size(); ++i) {
            const Json left = before.share(before.items()[i]),
                       right = after.share(after.items()[i]);
            if (!same_value(left, right))
                compare(below, path + "[" + std::to_string(i) + "]", left, right);
        }
    }
    void note(const std::string& path, const Json& before, const Json& after) {
        changes_.add(full_url_, path, rule_, before, after);
    }

    std::string_view full_url_;
    StaticText rule_;
    ChangeList& changes_;
};

}  // namespace

void add_changes_between(std::string_view full_url, StaticText rule, const Json& before,
                         const Json& after, ChangeList& changes) {
    const std::string_view name = before["resourceType"].string();
    const Type* const type = fhir::r4::find_type(name);
    if (same_value(before, after)) return;
    if (type)
        Comparing(full_url, rule, changes).compare(*type, std::string(name), before, after);
    else  // of another release
        changes.add(full_url, name, rule, before, after);
}

}  // namespace consultd
