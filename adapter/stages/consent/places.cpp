// Where somebody was: a programme for substance use, a psychiatric hospital, a clinic for HIV.
// Known by its name or type, or by what a visit says of it, and passed on to what came from there.
// 42 CFR 2.12: what a programme holds is protected whatever it says, a haemoglobin too. What other
// places made is theirs where it tells of what they do: diagnoses, treatments and notes.
#include <algorithm>
#include <array>

#include "adapter/stages/consent/filter.h"

namespace consultd::consent {
namespace {

template <std::size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::ranges::find(names, name) != names.end();
}

constexpr std::array<std::string_view, 5> places = {"CareTeam", "HealthcareService", "Location",
                                                    "Organization", "PractitionerRole"};
constexpr std::array<std::string_view, 4> visits = {"Appointment", "Encounter", "EpisodeOfCare",
                                                    "ServiceRequest"};
// At which visit, where, and by whom: what refers so to a place, came from there.
constexpr std::array<std::string_view, 22> origins = {"actor",        "author",
                                                      "careTeam",     "context",
                                                      "custodian",    "encounter",
                                                      "enterer",      "episodeOfCare",
                                                      "facility",     "healthcareService",
                                                      "location",     "managingOrganization",
                                                      "organization", "partOf",
                                                      "performer",    "performerType",
                                                      "provider",     "providedBy",
                                                      "requester",    "serviceProvider",
                                                      "source",       "team"};
// What a place other than a programme does there, and not what any other would do too.
constexpr std::array<std::string_view, 17> doings = {"CarePlan",
                                                     "ClinicalImpression",
                                                     "Communication",
                                                     "Composition",
                                                     "Condition",
                                                     "DetectedIssue",
                                                     "DocumentReference",
                                                     "Flag",
                                                     "Goal",
                                                     "Media",
                                                     "MedicationAdministration",
                                                     "MedicationDispense",
                                                     "MedicationRequest",
                                                     "MedicationStatement",
                                                     "Procedure",
                                                     "QuestionnaireResponse",
                                                     "RiskAssessment"};

}  // namespace

Filter::Place Filter::place_of(const Item& item) {
    const std::string_view type = item.given.resource.type();
    const bool is_place = is_one_of(type, places);
    if ((!is_place && !is_one_of(type, visits)) || !item.reason.starts_with("sensitivity:"))
        return Place::None;
    Place found = Place::None;
    for (const Sensitivity::Sign& sign : item.betrays) {
        // What a place is called says what it is; of a visit, what is said of its place.
        if ((!is_place && !sign.row->is_place) || sign.level == Sensitivity::Level::Possible)
            continue;
        const bool is_programme =
            sign.row->label == "SUD" && sign.level == Sensitivity::Level::Certain;
        found = std::max(found, is_programme ? Place::Programme : Place::Telling);
    }
    return found;
}

bool Filter::is_from_there(const Speaker& speaker, const Item& place) const {
    if (place.place == Place::None || !is_one_of(speaker.element, origins)) return false;
    if (place.place == Place::Programme) return true;
    const std::string_view type = items_[speaker.item].given.resource.type();
    return is_one_of(type, places) || is_one_of(type, visits) || is_one_of(type, doings);
}

// A visit at a place is as telling as the place.
void Filter::pass_on_place(const Speaker& speaker, const Item& place) {
    Item& item = items_[speaker.item];
    const std::string_view type = item.given.resource.type();
    if (is_from_there(speaker, place) && (is_one_of(type, places) || is_one_of(type, visits)))
        item.place = std::max(item.place, place.place);
}

}  // namespace consultd::consent
