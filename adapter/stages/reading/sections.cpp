#include "adapter/stages/reading/sections.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "fhir/r4/walk.h"

namespace consultd {
namespace {

using fhir::JsonView;

using Words = std::span<const StaticText>;
using Standings = std::span<const Standing>;
using enum Standing;

constexpr StaticText condition[] = {"Condition"};
constexpr StaticText allergy[] = {"AllergyIntolerance"};
constexpr StaticText medication[] = {"MedicationStatement", "MedicationRequest",
                                     "MedicationAdministration", "MedicationDispense"};
constexpr StaticText immunization[] = {"Immunization"};
constexpr StaticText procedure[] = {"Procedure"};
constexpr StaticText device_use[] = {"DeviceUseStatement"};
constexpr StaticText observation[] = {"Observation"};
constexpr StaticText result_types[] = {"Observation", "DiagnosticReport"};
constexpr StaticText impression[] = {"ClinicalImpression"};
constexpr StaticText plan[] = {"CarePlan", "ImmunizationRecommendation"};
constexpr StaticText consent[] = {"Consent"};
constexpr StaticText family[] = {"FamilyMemberHistory"};
constexpr StaticText flag[] = {"Flag"};

constexpr StaticText vital_signs[] = {"vital-signs"};
constexpr StaticText social_history[] = {"social-history"};
constexpr StaticText not_results[] = {"survey", "activity", "therapy"};
constexpr StaticText directive[] = {"adr"};

constexpr Standing past[] = {Over};
constexpr Standing active[] = {Fact};
constexpr Standing current_plan[] = {Fact, OnHold, Unclear, Planned};
constexpr Standing never_so[] = {InError, RuledOut};
constexpr Standing erroneous[] = {InError};
constexpr Standing no_result[] = {InError, Cancelled, NotThePatient};
constexpr Standing not_given[] = {InError, DidNotHappen, Cancelled, Planned, Proposed, Forbidden};

// LOINC codes of pregnancy status and outcome (Observation-pregnancy-status/-outcome-uv-ips).
constexpr StaticText pregnancy[] = {"82810-3", "11636-8", "11637-6", "11638-4", "11639-2",
                                    "11640-0", "11612-9", "11613-7", "11614-5", "33065-4"};
// Composition-uv-ips 1.1.0 takes one smoking status and one alcohol use.
constexpr StaticText one_of_each[] = {"72166-2", "74013-4"};
constexpr Words any = {};
constexpr Standings whatever = {};

// A remission stands with the problems: a consultant must meet it there; past is what is over. A
// Device alone does not say that it is in use, so it makes no DeviceUseStatement and lies in the
// last section.
constexpr std::array<SectionRow, 16> rows = {{
    {"11348-0", "History of past illness", condition, any, any, past, never_so, any},
    {"11450-4", "Problem list", condition, any, any, whatever, never_so, any, "no-problem-info"},
    {"48765-2", "Allergies and intolerances", allergy, any, any, whatever, never_so, any,
     "no-allergy-info"},
    {"10160-0", "Medication summary", medication, any, any, whatever, not_given, any,
     "no-medication-info"},
    {"11369-6", "Immunizations", immunization, any, any, whatever, erroneous, any},
    {"47519-4", "History of procedures", procedure, any, any, whatever, not_given, any},
    {"46264-8", "Medical devices", device_use, any, any, whatever, erroneous, any},
    {"10162-6", "Pregnancy", observation, any, pregnancy, whatever, no_result, any},
    {"29762-2", "Social history", observation, social_history, any, whatever, no_result,
     one_of_each},
    {"8716-3", "Vital signs", observation, vital_signs, any, whatever, no_result, any},
    {"30954-2", "Results", result_types, any, any, whatever, no_result, any},
    {"47420-5", "Functional status", impression, any, any, whatever, erroneous, any},
    {"18776-5", "Plan of care", plan, any, any, current_plan, erroneous, any},
    {"42348-3", "Advance directives", consent, directive, any, active, erroneous, any},
    {"104605-1", "Alerts", flag, any, any, active, erroneous, any},
    {"10157-6", "Family history", family, any, any, whatever, erroneous, any},
}};

constexpr SectionRow additional = {
    "77599-9", "Additional documentation", any, any, any, whatever, whatever, any};

bool among(Words words, std::string_view word) {
    return std::any_of(words.begin(), words.end(),
                       [&](const StaticText& one) { return one.view() == word; });
}

bool is_not_a_result(const fhir::Resource& resource) {
    return std::any_of(std::begin(not_results), std::end(not_results), [&](const StaticText& code) {
        return has_code(resource["category"], code.view());
    });
}

bool takes(const SectionRow& row, const Statement& statement) {
    const fhir::Resource& resource = statement.resource();
    if (!among(row.types, resource.type())) return false;
    // What stands for it in the section is the report that holds it.
    if (statement.is_within_another() && row.loinc.view() != "30954-2") return false;
    if (std::ranges::any_of(row.not_with, [&](Standing one) { return statement.has(one); }))
        return false;
    if (!row.only.empty() && std::ranges::find(row.only, statement.standing) == row.only.end())
        return false;
    const auto has_any = [&](Words codes, JsonView concepts) {
        return std::any_of(codes.begin(), codes.end(),
                           [&](const StaticText& code) { return has_code(concepts, code.view()); });
    };
    if (!row.categories.empty() && !has_any(row.categories, resource["category"]) &&
        !has_any(row.categories, resource["scope"]))
        return false;
    if (!row.codes.empty() && !has_any(row.codes, resource["code"])) return false;
    // A survey's answers would bury the laboratory's results.
    return row.loinc.view() != "30954-2" || !is_not_a_result(resource);
}

// Keeps the newest entry of each code of which the section takes one.
void keep_single(Section& section) {
    for (const StaticText& code : section.row->single) {
        bool seen = false;
        std::erase_if(section.entries, [&](const Statement* one) {
            return has_code(one->resource()["code"], "http://loinc.org", code.view()) &&
                   std::exchange(seen, true);
        });
    }
}

class ReferenceCollector final : public fhir::r4::Walker {
public:
    fhir::r4::Edit reference(const fhir::r4::Visit& visit) override {
        const std::string_view text = visit.value["reference"].string();
        if (!text.empty() && text.front() != '#') found.emplace_back(text);
        return fhir::r4::Edit::keep();
    }
    std::vector<std::string> found;
};

}  // namespace

std::span<const SectionRow> section_rows() { return rows; }
const SectionRow& additional_section() { return additional; }

std::vector<Section> sort_into_sections(const Reading& reading) {
    std::vector<Section> sections;
    for (const SectionRow& row : rows) sections.push_back({&row, {}});
    for (const Statement& statement : reading.all())
        for (Section& section : sections)
            if (takes(*section.row, statement)) {
                section.entries.push_back(&statement);
                break;
            }
    // The past reads after the present, though its rule is asked first.
    std::rotate(sections.begin(), sections.begin() + 1, sections.begin() + 7);
    for (Section& section : sections) {
        sort_newest_first(section.entries);
        keep_single(section);
    }
    std::erase_if(sections, [](const Section& section) {
        return section.entries.empty() && section.row->required_code.view().empty();
    });
    return sections;
}

std::vector<const Statement*> kept_out(const Reading& reading,
                                       const std::vector<Section>& sections) {
    std::unordered_set<const Statement*> taken;
    for (const Section& section : sections)
        taken.insert(section.entries.begin(), section.entries.end());
    std::vector<const Statement*> out;
    for (const Statement& statement : reading.all()) {
        if (statement.is_plain() || taken.contains(&statement)) continue;
        if (std::ranges::any_of(rows, [&](const SectionRow& row) {
                return among(row.types, statement.resource().type());
            }))
            out.push_back(&statement);
    }
    return out;
}

std::vector<std::string> references_of(const fhir::Json& resource) {
    ReferenceCollector collector;
    fhir::r4::walk(resource, collector);
    return std::move(collector.found);
}

}  // namespace consultd
