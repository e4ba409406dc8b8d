#include "fhir/r4/facts.h"

#include <algorithm>
#include <iterator>

#include "fhir/r4/elements.h"

namespace consultd::fhir::r4 {
namespace {

struct RawFacts {
    const char* type;
    const char* category;
    Sharing sharing;
    std::uint16_t facts_at, facts;
};

#include "fhir/r4/facts_table.inc"

std::vector<Facts> make_table() {
    std::vector<Facts> table;
    table.reserve(std::size(raw_types));
    for (const RawFacts& raw : raw_types)
        table.push_back({StaticText::from_table(raw.type), StaticText::from_table(raw.category),
                         raw.sharing, std::span(raw_facts).subspan(raw.facts_at, raw.facts)});
    return table;
}

void add_values(const Type& type, JsonView parent, std::string_view path,
                std::vector<FoundValue>& found) {
    for (const JsonView item : parent.items()) add_values(type, item, path, found);
    const std::size_t dot = std::min(path.find('.'), path.size());
    const Element* element = type.find(path.substr(0, dot));
    if (!element) return;
    for (const JsonMember& member : parent.members()) {
        const Type::Member known = type.member(member.name());
        if (known.element != element) continue;
        if (dot < path.size()) {
            add_values(*known.type, member.value, path.substr(dot + 1), found);
        } else if (member.value.is_array()) {
            for (const JsonView item : member.value.items())
                if (!item.is_null()) found.push_back({known.type->name.view(), item});
        } else if (!member.value.is_null()) {
            found.push_back({known.type->name.view(), member.value});
        }
    }
}

}  // namespace

std::span<const Fact> Facts::of(About about) const {
    const auto is_before = [](const Fact& fact, About wanted) { return fact.about < wanted; };
    const auto is_after = [](About wanted, const Fact& fact) { return wanted < fact.about; };
    const auto from = std::lower_bound(all.begin(), all.end(), about, is_before);
    return {from, std::upper_bound(from, all.end(), about, is_after)};
}

const Facts* find_facts(std::string_view type) {
    static const std::vector<Facts> table = make_table();
    const auto found = std::lower_bound(
        table.begin(), table.end(), type,
        [](const Facts& facts, std::string_view wanted) { return facts.type.view() < wanted; });
    return found != table.end() && found->type.view() == type ? &*found : nullptr;
}

std::vector<FoundValue> values_of(JsonView resource, std::string_view element) {
    std::vector<FoundValue> found;
    if (const Type* type = find_type(resource["resourceType"].string()))
        add_values(*type, resource, element, found);
    return found;
}

}  // namespace consultd::fhir::r4
