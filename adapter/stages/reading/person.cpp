#include "adapter/stages/reading/person.h"

#include <algorithm>
#include <array>
#include <span>

#include "adapter/stages/reading/display.h"
#include "adapter/stages/reading/when.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::JsonView;

// In the order in which they are called by it; one of no use stands after the second.
constexpr std::array<std::string_view, 6> name_uses = {"official", "usual",    "",
                                                       "temp",     "nickname", "anonymous"};
constexpr std::array<std::string_view, 5> identifier_uses = {"usual", "official", "", "secondary",
                                                             "temp"};

std::vector<JsonView> by_use(JsonView list, std::span<const std::string_view> uses, Now now) {
    std::vector<JsonView> out(list.items().begin(), list.items().end());
    std::ranges::stable_sort(out, {}, [&](JsonView one) {
        const auto place = std::ranges::find(uses, one["use"].string()) - uses.begin();
        return std::pair(is_past(one, now), place);
    });
    return out;
}

}  // namespace

bool is_past(JsonView one, Now now) {
    const std::string_view use = one["use"].string(), end = one["period"]["end"].string();
    if (use == "old" || use == "maiden") return true;
    if (end.empty() || is_placeholder(end)) return false;
    const auto day = fhir::Datetime::parse(readable_date(end));
    return !now || !day || day->latest() <= *now;
}

std::vector<JsonView> names_by_use(JsonView names, Now now) {
    return by_use(names, name_uses, now);
}

std::vector<JsonView> identifiers_by_use(JsonView identifiers, Now now) {
    return by_use(identifiers, identifier_uses, now);
}

std::string current_name(JsonView person, Now now) {
    for (const JsonView& name : names_by_use(person["name"], now))
        if (std::string said = name_text(name); !said.empty()) return said;
    return {};
}

}  // namespace consultd
