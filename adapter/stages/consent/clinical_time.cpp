#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "adapter/stages/consent/content.h"

namespace consultd::consent {
namespace {

using fhir::Datetime;
using fhir::Interval;
using fhir::JsonView;

// The elements that say when the content of a resource was true, was done or was written. Source:
// the element definitions mapped to FiveWs.done[x], FiveWs.init and FiveWs.recorded in the R4
// resources, https://hl7.org/fhir/R4/fivews.html. A name stands for its choices too: onset is
// onsetDateTime.
struct TimeRow {
    std::string_view type;
    std::array<std::string_view, 4> elements;
};
constexpr TimeRow time_rows[] = {
    {"AdverseEvent", {"date", "detected", "recordedDate"}},
    {"AllergyIntolerance", {"onset", "recordedDate", "lastOccurrence"}},
    {"Appointment", {"start", "end", "created"}},
    {"CarePlan", {"period", "created"}},
    {"CareTeam", {"period"}},
    {"Claim", {"billablePeriod", "created"}},
    {"ClaimResponse", {"created"}},
    {"ClinicalImpression", {"effective", "date"}},
    {"Communication", {"sent", "received"}},
    {"Composition", {"date"}},
    {"Condition", {"onset", "abatement", "recordedDate"}},
    {"Consent", {"dateTime"}},
    {"Coverage", {"period"}},
    {"DetectedIssue", {"identified"}},
    {"DeviceRequest", {"occurrence", "authoredOn"}},
    {"DeviceUseStatement", {"timing", "recordedOn"}},
    {"DiagnosticReport", {"effective", "issued"}},
    {"DocumentReference", {"date", "context.period"}},
    {"Encounter", {"period"}},
    {"EpisodeOfCare", {"period"}},
    {"ExplanationOfBenefit", {"billablePeriod", "created"}},
    {"FamilyMemberHistory", {"date"}},
    {"Flag", {"period"}},
    {"Goal", {"start", "statusDate"}},
    {"ImagingStudy", {"started"}},
    {"Immunization", {"occurrence", "recorded"}},
    {"List", {"date"}},
    {"Media", {"created", "issued"}},
    {"MedicationAdministration", {"effective"}},
    {"MedicationDispense", {"whenPrepared", "whenHandedOver"}},
    {"MedicationRequest", {"authoredOn"}},
    {"MedicationStatement", {"effective", "dateAsserted"}},
    {"NutritionOrder", {"dateTime"}},
    {"Observation", {"effective", "issued"}},
    {"Procedure", {"performed"}},
    {"QuestionnaireResponse", {"authored"}},
    {"ResearchSubject", {"period"}},
    {"RiskAssessment", {"occurrence"}},
    {"ServiceRequest", {"occurrence", "authoredOn"}},
    {"Specimen", {"receivedTime", "collection.collected"}},
    {"SupplyDelivery", {"occurrence"}},
    {"Task", {"authoredOn", "executionPeriod"}},
    {"VisionPrescription", {"created", "dateWritten"}},
};

// Sorted. Provenance and Binary follow what they belong to.
constexpr std::string_view timeless[] = {
    "Binary",  "Endpoint",     "HealthcareService", "Location",   "Medication",    "Organization",
    "Patient", "Practitioner", "PractitionerRole",  "Provenance", "RelatedPerson", "Substance"};

constexpr std::string_view shared_types[] = {
    "Device",       "Endpoint",     "HealthcareService", "Location",      "Medication",
    "Organization", "Practitioner", "PractitionerRole",  "Questionnaire", "Substance"};

constexpr std::string_view choices[] = {"",       "DateTime", "Date",  "Instant", "Period",
                                        "Timing", "Age",      "Range", "String"};

void add_value(JsonView value, ClinicalTimes& times) {
    if (value.is_null()) return;
    if (value.is_string()) {
        const auto at = Datetime::parse(value.string());
        if (!at) {
            times.has_unreadable = true;
            return;
        }
        // A date without a zone may mean any: what it may touch, it touches.
        times.known.push_back(
            {at->earliest(Datetime::Zone::AnyZone), at->latest(Datetime::Zone::AnyZone)});
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
    if (from) interval.from = from->earliest(Datetime::Zone::AnyZone);
    if (to) interval.to = to->latest(Datetime::Zone::AnyZone);
    times.known.push_back(interval);
}

void add_element(JsonView parent, std::string_view element, ClinicalTimes& times) {
    const auto dot = element.find('.');
    if (dot != std::string_view::npos)
        return add_element(parent[element.substr(0, dot)], element.substr(dot + 1), times);
    for (const std::string_view choice : choices)
        add_value(parent[std::string(element).append(choice)], times);
}

}  // namespace

ClinicalTimes clinical_times_of(JsonView resource) {
    ClinicalTimes times;
    const std::string_view type = resource["resourceType"].string();
    times.is_timeless = std::ranges::binary_search(timeless, type);
    const auto* row = std::ranges::find(time_rows, type, &TimeRow::type);
    if (row == std::end(time_rows)) return times;
    for (const std::string_view element : row->elements)
        if (!element.empty()) add_element(resource, element, times);
    return times;
}

bool is_shared_type(std::string_view type) {
    return std::ranges::binary_search(shared_types, type);
}

}  // namespace consultd::consent
