#include "fhir/r4/older_elements.h"

#include <algorithm>
#include <span>

#include "fhir/r4/elements.h"

namespace consultd::fhir::r4 {
namespace {

struct OlderType {
    std::string_view name;
    bool is_resource;
    std::string_view members;  // "name:type name:type* " of those that R4 has otherwise
};

#include "fhir/r4/older_elements_table.inc"

std::span<const OlderType> types_of(Release release) {
    if (release == Release::Stu3) return stu3_types;
    if (release == Release::Dstu2) return dstu2_types;
    return {};
}

const OlderType* find_older(Release release, std::string_view name) {
    const std::span<const OlderType> types = types_of(release);
    const auto found = std::ranges::lower_bound(types, name, {}, &OlderType::name);
    return found != types.end() && found->name == name ? &*found : nullptr;
}

std::optional<JsonForm> member_of(const OlderType& type, std::string_view member) {
    for (std::string_view left = type.members; !left.empty();) {
        const std::string_view word = left.substr(0, left.find(' '));
        left.remove_prefix(std::min(word.size() + 1, left.size()));
        const std::size_t colon = word.find(':');
        if (word.substr(0, colon) != member) continue;
        std::string_view form = word.substr(colon + 1);
        const bool is_many = form.ends_with('*');
        form.remove_suffix(is_many ? 1 : 0);
        return JsonForm{form, is_many};
    }
    return std::nullopt;
}

}  // namespace

std::optional<JsonForm> form_of_member(Release release, std::string_view type,
                                       std::string_view member) {
    if (const OlderType* const older = find_older(release, type))
        if (const auto form = member_of(*older, member)) return form;
    const Type* const declared = find_type(type);
    const Type::Member found = declared ? declared->member(member) : Type::Member{};
    if (!found.element) return std::nullopt;
    return JsonForm{found.type->name.view(), found.element->is_many()};
}

bool has_resource_type(Release release, std::string_view name) {
    if (const OlderType* const older = find_older(release, name)) return older->is_resource;
    const Type* const type = find_type(name);
    return type && type->kind == Type::Kind::Resource && name != "Resource" &&
           name != "DomainResource";
}

}  // namespace consultd::fhir::r4
