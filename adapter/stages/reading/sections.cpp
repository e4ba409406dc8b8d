#include "adapter/stages/reading/sections.h"

#include <algorithm>
#include <array>
#include <utility>

#include "fhir/r4/facts.h"
#include "fhir/r4/walk.h"

namespace consultd {
namespace {

using fhir::JsonView;

using Words = std::span<const StaticText>;

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

constexpr StaticText past[] = {"inactive", "resolved"};
constexpr StaticText active[] = {"active"};
constexpr StaticText current_plan[] = {"active", "on-hold", "unknown", "draft"};
constexpr StaticText never_so[] = {"entered-in-error", "refuted"};
constexpr StaticText erroneous[] = {"entered-in-error"};
constexpr StaticText void_result[] = {"entered-in-error", "cancelled"};
constexpr StaticText not_given[] = {"entered-in-error", "not-done", "cancelled", "draft",
                                    "do-not-perform"};

// LOINC codes of pregnancy status and outcome (Observation-pregnancy-status/-outcome-uv-ips).
constexpr StaticText pregnancy[] = {"82810-3", "11636-8", "11637-6", "11638-4", "11639-2",
                                    "11640-0", "11612-9", "11613-7", "11614-5", "33065-4"};
// Composition-uv-ips 1.1.0 takes one smoking status and one alcohol use.
constexpr StaticText one_of_each[] = {"72166-2", "74013-4"};
constexpr Words any = {};

// A remission stands with the problems: a consultant must meet it there; past is what is over. A
// Device alone does not say that it is in use, so it makes no DeviceUseStatement and lies in the
// last section.
constexpr std::array<SectionRow, 16> rows = {{
    {"11348-0", "History of past illness", condition, any, any, past, never_so, any},
    {"11450-4", "Problem list", condition, any, any, any, never_so, any, "no-problem-info"},
    {"48765-2", "Allergies and intolerances", allergy, any, any, any, erroneous, any,
     "no-allergy-info"},
    {"10160-0", "Medication summary", medication, any, any, any, not_given, any,
     "no-medication-info"},
    {"11369-6", "Immunizations", immunization, any, any, any, erroneous, any},
    {"47519-4", "History of procedures", procedure, any, any, any, not_given, any},
    {"46264-8", "Medical devices", device_use, any, any, any, erroneous, any},
    {"10162-6", "Pregnancy", observation, any, pregnancy, any, void_result, any},
    {"29762-2", "Social history", observation, social_history, any, any, void_result, one_of_each},
    {"8716-3", "Vital signs", observation, vital_signs, any, any, void_result, any},
    {"30954-2", "Results", result_types, any, any, any, void_result, any},
    {"47420-5", "Functional status", impression, any, any, any, erroneous, any},
    {"18776-5", "Plan of care", plan, any, any, current_plan, erroneous, any},
    {"42348-3", "Advance directives", consent, directive, any, active, erroneous, any},
    {"104605-1", "Alerts", flag, any, any, active, erroneous, any},
    {"10157-6", "Family history", family, any, any, any, erroneous, any},
}};

constexpr SectionRow additional = {"77599-9", "Additional documentation", any, any, any, any, any,
                                   any};

bool among(Words words, std::string_view word) {
    return std::any_of(words.begin(), words.end(),
                       [&](const StaticText& one) { return one.view() == word; });
}

bool is_not_a_result(const fhir::Resource& resource) {
    return std::any_of(std::begin(not_results), std::end(not_results), [&](const StaticText& code) {
        return has_code(resource["category"], code.view());
    });
}

bool takes(const SectionRow& row, const fhir::Resource& resource) {
    if (!among(row.types, resource.type())) return false;
    const std::vector<std::string_view> words = status_words(resource);
    const auto has_word = [&](Words wanted) {
        return std::any_of(words.begin(), words.end(),
                           [&](std::string_view word) { return among(wanted, word); });
    };
    if (has_word(row.not_with) || (!row.only.empty() && !has_word(row.only))) return false;
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
        std::erase_if(section.entries, [&](const PacketResource* one) {
            return has_code(one->resource["code"], "http://loinc.org", code.view()) &&
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

std::vector<std::string_view> status_words(const fhir::Resource& resource) {
    std::vector<std::string_view> words;
    const fhir::r4::Facts* facts = fhir::r4::find_facts(resource.type());
    if (!facts) return words;
    for (const fhir::r4::Fact& fact : facts->of(fhir::r4::About::Standing))
        for (const auto& found : fhir::r4::values_of(resource.json(), fact.element.view())) {
            if (found.type == "code") words.push_back(found.value.string());
            for (const JsonView& coding : found.value["coding"].items())
                words.push_back(coding["code"].string());
        }
    if (resource["clinicalStatus"].is_null() &&
        choice_of(resource.json(), "abatement").value.is_string())
        words.push_back("resolved");
    if (resource["doNotPerform"].is_true()) words.push_back("do-not-perform");
    return words;
}

std::vector<Section> sort_into_sections(const std::vector<PacketResource>& resources) {
    std::vector<Section> sections;
    for (const SectionRow& row : rows) sections.push_back({&row, {}});
    for (const PacketResource& resource : resources)
        for (Section& section : sections)
            if (takes(*section.row, resource.resource)) {
                section.entries.push_back(&resource);
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

std::vector<std::string> references_of(const fhir::Json& resource) {
    ReferenceCollector collector;
    fhir::r4::walk(resource, collector);
    return std::move(collector.found);
}

}  // namespace consultd
