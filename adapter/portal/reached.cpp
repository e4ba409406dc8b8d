#include "adapter/portal/reached.h"

#include "fhir/json.h"

namespace consultd::portal {
namespace {

std::string name_of(const std::string& source) { return "reached/" + source; }

}  // namespace

std::optional<Reached> reached(Store& store, const std::string& source) {
    const auto kept = store.learnt(name_of(source));
    if (!kept || !*kept) return std::nullopt;
    const auto json = fhir::Json::parse(**kept);
    if (!json) return std::nullopt;
    const auto at = parse_instant((*json)["at"].string());
    if (!at) return std::nullopt;
    return Reached{*at, std::string((*json)["host"].string())};
}

Status keep_reached(Store& store, const std::string& source, const Reached& reached) {
    return store.keep_learnt(
        name_of(source),
        fhir::Json::object({{"at", format_instant(reached.at)}, {"host", reached.host}}).print());
}

}  // namespace consultd::portal
