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

// What a place is called says what it is; of a visit, what is said of its place; of both, a label
// of the source's.
Filter::Place Filter::told_place(const Item& item) {
    const bool is_place = is_one_of(item.given.resource.type(), places);
    if (!is_place && !is_one_of(item.given.resource.type(), visits)) return Place::None;
    // The source says itself whose law it is under.
    for (const fhir::JsonView label : item.given.resource.json().at("meta", "security").items())
        if (label["code"].string() == "42CFRPart2") return Place::Programme;
    Place found = Place::None;
    for (const Sensitivity::Sign& sign : item.betrays) {
        if ((!is_place && !sign.row->is_place) || sign.level == Sensitivity::Level::Possible)
            continue;
        const bool is_programme =
            sign.row->label == "SUD" && sign.level == Sensitivity::Level::Certain;
        found = std::max(found, is_programme ? Place::Programme : Place::Telling);
    }
    return found;
}

// What the consent lets go of a programme's is protected still, and must say so (42 CFR 2.32).
void Filter::mark_programmes() {
    if (!signs_.known().has_part2()) return;
    std::vector<std::size_t> from;
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (told_place(items_[i]) == Place::Programme) from.push_back(i);
    if (from.empty()) return;
    collect_speakers();
    for (std::size_t next = 0; next < from.size(); ++next) {
        items_[from[next]].is_of_programme = true;
        const auto mark = [&](const Speaker& speaker) {
            Item& item = items_[speaker.item];
            if (item.is_of_programme || !is_one_of(speaker.element, origins)) return;
            item.is_of_programme = true;
            const std::string_view type = item.given.resource.type();
            if (is_one_of(type, places) || is_one_of(type, visits)) from.push_back(speaker.item);
        };
        std::ranges::for_each(speakers_[from[next]], mark);
        for (const std::size_t group : items_[from[next]].groups)
            std::ranges::for_each(logical_speakers_[group], mark);
    }
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
