#include "adapter/directory/hospitals.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "config/directories.h"

namespace consultd {
namespace {

constexpr std::size_t towns_shown_max = 2;

std::string town_of(const fhir::BrandPlace& place) {
    if (place.town.empty()) return place.state;
    return place.state.empty() ? place.town : place.town + ", " + place.state;
}

std::string towns_of(const fhir::Brand& brand) {
    std::vector<std::string> towns;
    for (const fhir::BrandPlace& place : brand.places)
        if (std::string town = town_of(place);
            !town.empty() && std::ranges::find(towns, town) == towns.end())
            towns.push_back(std::move(town));
    std::string text;
    for (std::size_t i = 0; i < std::min(towns.size(), towns_shown_max); ++i)
        text += (i == 0 ? "" : "; ") + towns[i];
    return towns.size() > towns_shown_max ? text + "; …" : text;
}

}  // namespace

Hospitals::Hospitals(const config::Config& config) : config_(config) {
    std::map<std::string, std::string> configured;  // by endpoint
    for (const auto& [key, source] : config.sources) {
        if (source.auth.type != config::Auth::Type::SmartPatient) continue;
        index_.add(static_cast<std::uint32_t>(entries_.size()), source.name,
                   WordIndex::Field::Name);
        entries_.emplace_back(&source);
        configured.emplace(fhir::endpoint_identity(source.fhir_base_url), key);
    }
    for (const auto& [key, directory] : config.directories)
        if (directory.brands) add_directory(directory, configured);
    index_.finish();
}

void Hospitals::add_directory(const config::Directory& directory,
                              const std::map<std::string, std::string>& configured) {
    std::vector<std::string> sources;  // by endpoint
    for (const fhir::BrandEndpoint& endpoint : directory.brands->endpoints) {
        const auto ours = configured.find(fhir::endpoint_identity(endpoint.base));
        sources.push_back(ours != configured.end() ? ours->second
                                                   : config::source_key_of(endpoint.base));
    }
    using enum WordIndex::Field;
    for (const fhir::Brand& brand : directory.brands->brands) {
        const auto entry = static_cast<std::uint32_t>(entries_.size());
        index_.add(entry, brand.name, Name);
        index_.add(entry, brand.provider, Name);
        index_.add(entry, brand.portal, Name);
        for (const std::string& alias : brand.aliases) index_.add(entry, alias, Name);
        for (const fhir::BrandPlace& place : brand.places)
            index_.add(entry, place.town + " " + place.state + " " + place.postal_code, Place);
        entries_.emplace_back(Listed{&directory, &brand, sources[brand.endpoint]});
    }
}

Hospital Hospitals::shown(const Entry& entry) {
    if (const auto* source = std::get_if<const config::Source*>(&entry))
        return {.source = (*source)->key,
                .name = (*source)->name,
                .provider = {},
                .portal = {},
                .towns = {},
                .host = (*source)->fhir_base_url.host()};
    const auto& [directory, brand, key] = std::get<Listed>(entry);
    return {.source = key,
            .name = brand->name,
            .provider = brand->provider,
            .portal = brand->portal,
            .towns = towns_of(*brand),
            .host = directory->brands->endpoints[brand->endpoint].base.host()};
}

// Two lists may have the same one.
std::vector<Hospital> Hospitals::find(std::string_view asked, std::size_t count_max) const {
    std::vector<Hospital> found;
    for (const std::uint32_t entry : index_.find(asked, 2 * count_max)) {
        Hospital one = shown(entries_[entry]);
        const bool is_known = std::ranges::any_of(found, [&](const Hospital& other) {
            return std::tie(other.source, other.name, other.towns) ==
                   std::tie(one.source, one.name, one.towns);
        });
        if (!is_known && found.size() < count_max) found.push_back(std::move(one));
    }
    return found;
}

std::vector<Hospital> Hospitals::configured(std::size_t count_max) const {
    std::vector<Hospital> all;
    for (const Entry& entry : entries_)
        if (std::holds_alternative<const config::Source*>(entry) && all.size() < count_max)
            all.push_back(shown(entry));
    return all;
}

}  // namespace consultd
