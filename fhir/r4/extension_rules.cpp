#include "fhir/r4/extension_rules.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace consultd::fhir::r4 {
namespace {

struct RawExtension {
    std::string_view name;    // the end of its URL
    std::string_view places;  // types and their elements, each between blanks
};

#include "fhir/r4/extensions_table.inc"

// https://hl7.org/fhir/R4/datatypes.html: what a type is a kind of.
constexpr std::pair<std::string_view, std::string_view> bases[] = {{"Age", "Quantity"},
                                                                   {"Count", "Quantity"},
                                                                   {"Distance", "Quantity"},
                                                                   {"Duration", "Quantity"},
                                                                   {"canonical", "uri"},
                                                                   {"code", "string"},
                                                                   {"id", "string"},
                                                                   {"markdown", "string"},
                                                                   {"oid", "uri"},
                                                                   {"positiveInt", "integer"},
                                                                   {"unsignedInt", "integer"},
                                                                   {"url", "uri"},
                                                                   {"uuid", "uri"}};

bool holds(std::string_view places, std::string_view place) {
    return places.find(' ' + std::string(place) + ' ') != std::string_view::npos;
}

std::string_view base_of(std::string_view type) {
    for (const auto& [name, base] : bases)
        if (name == type) return base;
    return {};
}

const RawExtension* find_extension(std::string_view url) {
    constexpr std::string_view prefix = "http://hl7.org/fhir/StructureDefinition/";
    if (!url.starts_with(prefix)) return nullptr;
    const std::string_view name = url.substr(prefix.size());
    const auto* const found =
        std::lower_bound(std::begin(raw_extensions), std::end(raw_extensions), name,
                         [](const RawExtension& extension, std::string_view wanted) {
                             return extension.name < wanted;
                         });
    return found != std::end(raw_extensions) && found->name == name ? found : nullptr;
}

// Whether the places hold the type itself, or what it is a kind of.
bool hold_type(std::string_view places, const Type& type) {
    const std::string_view base = base_of(type.name.view());
    if (holds(places, type.name.view()) || (!base.empty() && holds(places, base))) return true;
    if (holds(places, "Element")) return true;  // anywhere
    if (type.kind == Type::Kind::Resource)
        return holds(places, "Resource") || (type.find("text") && holds(places, "DomainResource"));
    return type.find("modifierExtension") && holds(places, "BackboneElement");
}

}  // namespace

bool may_extend(std::string_view extension_url, const ExtendedPlace& place) {
    const RawExtension* const known = find_extension(extension_url);
    if (!known) return true;
    if (std::any_of(place.types.begin(), place.types.end(),
                    [&](const Type* type) { return hold_type(known->places, *type); }))
        return true;
    return place.owner && holds(known->places, std::string(place.owner->name.view()) + '.' +
                                                   std::string(place.element));
}

}  // namespace consultd::fhir::r4
