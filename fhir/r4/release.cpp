#include "fhir/r4/release.h"

#include <algorithm>
#include <array>

namespace consultd::fhir::r4 {
namespace {

// Of the core definitions, with the release in their URL
// (https://hl7.org/fhir/R4/versions.html#versions).
constexpr std::array<std::string_view, 2> older_profiles = {"http://hl7.org/fhir/1.0/",
                                                            "http://hl7.org/fhir/3.0/"};

struct TurningMember {
    std::string_view type;
    std::string_view name;
};
constexpr TurningMember turning_members[] = {
    {"Communication", "notDone"},                 // STU3
    {"Immunization", "notGiven"},                 // STU3
    {"Immunization", "wasNotGiven"},              // DSTU2
    {"MedicationAdministration", "notGiven"},     // STU3
    {"MedicationAdministration", "wasNotGiven"},  // DSTU2
    {"MedicationDispense", "notDone"},            // STU3
    {"MedicationStatement", "taken"},             // STU3
    {"MedicationStatement", "wasNotTaken"},       // DSTU2
    {"Procedure", "notDone"},                     // STU3
    {"Procedure", "notPerformed"},                // DSTU2
};

}  // namespace

bool is_of_older_release(JsonView resource) {
    for (const JsonView profile : resource.at("meta", "profile").items())
        for (const std::string_view older : older_profiles)
            if (profile.string().starts_with(older)) return true;
    return std::ranges::any_of(turning_members, [&](const TurningMember& member) {
        return resource["resourceType"].string() == member.type && resource.has(member.name);
    });
}

}  // namespace consultd::fhir::r4
