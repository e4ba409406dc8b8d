// The times that say when the content of a resource was true, was done, is to be or was written
// down.
#include <algorithm>
#include <array>

#include "adapter/stages/consent/content.h"
#include "fhir/r4/facts.h"
#include "fhir/r4/walk.h"

namespace consultd::consent {
namespace {

using fhir::Datetime;
using fhir::Interval;
using fhir::JsonView;

void add_value(JsonView value, Datetime::Zone zone, ClinicalTimes& times) {
    if (value.is_string()) {
        const auto at = Datetime::parse(value.string());
        if (!at) {
            times.has_unreadable = true;
            return;
        }
        times.known.push_back({at->earliest(zone), at->latest(zone)});
        return;
    }
    const JsonView start = value["start"];
    const JsonView end = value["end"];
    if (!value.is_object() || (!start.is_string() && !end.is_string())) {
        times.has_unreadable = true;
        return;
    }
    const auto from = Datetime::parse(start.string());
    const auto to = Datetime::parse(end.string());
    times.has_unreadable |= (start.is_string() && !from) || (end.is_string() && !to);
    Interval interval;
    if (from) interval.from = from->earliest(zone);
    if (to) interval.to = to->latest(zone);
    times.known.push_back(interval);
}

class DatedParts final : public fhir::r4::Walker {
public:
    bool enter(const fhir::r4::Visit& visit) override {
        constexpr std::array<std::string_view, 5> undated = {"Address", "ContactPoint", "HumanName",
                                                             "Identifier", "Meta"};
        return std::ranges::find(undated, visit.type.name.view()) == undated.end();
    }
    fhir::r4::Edit date(const fhir::r4::Visit& visit) override { return add(visit); }
    fhir::r4::Edit element(const fhir::r4::Visit& visit) override {
        return visit.type.name.view() == "Period" ? add(visit) : fhir::r4::Edit::keep();
    }
    ClinicalTimes found;

private:
    fhir::r4::Edit add(const fhir::r4::Visit& visit) {
        constexpr std::array<std::string_view, 5> makings = {"birthDate", "born", "deceased",
                                                             "expirationDate", "manufactureDate"};
        const std::string_view name = visit.element ? visit.element->name.view() : "";
        const bool is_making = std::ranges::find(makings, name) != makings.end();
        if (!is_making && !visit.in_contained)
            add_value(visit.value, Datetime::Zone::AnyZone, found);
        return fhir::r4::Edit::keep();
    }
};

}  // namespace

std::vector<Interval> dated_parts_of(const fhir::Json& resource) {
    const fhir::r4::Facts* facts = fhir::r4::find_facts(resource["resourceType"].string());
    if (!facts || clinical_times_of(resource).is_timeless) return {};
    DatedParts parts;
    fhir::r4::walk(resource, parts);
    return std::move(parts.found.known);
}

ClinicalTimes clinical_times_of(JsonView resource, Datetime::Zone zone) {
    using fhir::r4::About;
    ClinicalTimes times;
    const fhir::r4::Facts* facts = fhir::r4::find_facts(resource["resourceType"].string());
    if (!facts) return times;
    // What is of nobody says no time of a patient's; a person is of all times; a Provenance follows
    // what it is about.
    times.is_timeless = facts->sharing == fhir::r4::Sharing::Shared ||
                        facts->sharing == fhir::r4::Sharing::ByTarget ||
                        facts->category.view() == "Base.Individuals";
    if (times.is_timeless) return times;
    for (const About about :
         {About::Done, About::Init, About::Planned, About::Recorded, About::Dated})
        for (const fhir::r4::Fact& fact : facts->of(about))
            for (const auto& found : fhir::r4::values_of(resource, fact.element.view()))
                add_value(found.value, zone, times);
    return times;
}

// The bytes of a Binary are of the document that names it.
bool is_shared_type(std::string_view type) {
    const fhir::r4::Facts* facts = fhir::r4::find_facts(type);
    return facts && facts->is_shared() && type != "Binary";
}

}  // namespace consultd::consent
