// Nothing that is no fact is named without its word, on the page and in the narratives alike, of
// every type and every status that R4 has; and what was entered in error is named nowhere.
#include <gtest/gtest.h>

#include <map>

#include "adapter/stages/reading/standing.h"
#include "fhir/r4/elements.h"
#include "fhir/r4/facts.h"
#include "tests/adapter/stages/page/page_text.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using fhir::Json;

constexpr const char* name = "Quondam";

// What else a resource of a type needs to be named so on a page.
const std::map<std::string, std::string> named = {
    {"AdverseEvent", R"("event":{"text":"Quondam"})"},
    {"AllergyIntolerance", R"("code":{"text":"Quondam"})"},
    {"CarePlan", R"("title":"Quondam")"},
    {"ClinicalImpression", R"("code":{"text":"Quondam"})"},
    {"Condition", R"("code":{"text":"Quondam"})"},
    {"DeviceUseStatement", R"("device":{"display":"Quondam"})"},
    {"DiagnosticReport", R"("code":{"text":"Quondam"},"conclusion":"so")"},
    {"DocumentReference", R"("type":{"text":"Quondam"})"},
    {"Encounter", R"("type":[{"text":"Quondam"}])"},
    {"FamilyMemberHistory", R"("relationship":{"text":"Quondam"})"},
    {"Flag", R"("code":{"text":"Quondam"})"},
    {"Goal", R"("description":{"text":"Quondam"})"},
    {"ImagingStudy", R"("description":"Quondam")"},
    {"Immunization", R"("vaccineCode":{"text":"Quondam"},"occurrenceDateTime":"2026-01-01")"},
    {"MedicationAdministration",
     R"("medicationCodeableConcept":{"text":"Quondam"},"effectiveDateTime":"2026-01-01")"},
    {"MedicationDispense", R"("medicationCodeableConcept":{"text":"Quondam"})"},
    {"MedicationRequest",
     R"("medicationCodeableConcept":{"text":"Quondam"},"authoredOn":"2026-01-01")"},
    {"MedicationStatement",
     R"("medicationCodeableConcept":{"text":"Quondam"},"effectiveDateTime":"2026-01-01")"},
    {"Observation", R"("category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"Quondam"},)"
                    R"("effectiveDateTime":"2026-01-01","valueQuantity":{"value":4,"unit":"g"})"},
    {"Procedure", R"("code":{"text":"Quondam"},"performedDateTime":"2026-01-01")"},
    {"RiskAssessment", R"("code":{"text":"Quondam"})"},
    {"ServiceRequest", R"("code":{"text":"Quondam"},"authoredOn":"2026-01-01")"}};

struct Case {
    std::string label, resource;
    std::vector<StandingWord> words;
};

std::vector<Case> every_status_of(const std::string& type, const std::string& content) {
    std::vector<Case> cases;
    for (const fhir::r4::Fact& fact : fhir::r4::find_facts(type)->of(fhir::r4::About::Standing)) {
        const auto* element = fhir::r4::find_type(type)->find(fact.element.view());
        for (const StaticText& code : element->required_codes) {
            std::string value = '"' + std::string(code.view()) + '"';
            if (!element->required_system.view().empty())
                value = R"({"coding":[{"code":)" + value + "}]}";
            Json json =
                *Json::parse(R"({"resourceType":")" + type + R"(","id":"x",)" + content + "}");
            if (fact.element.view() != "status" && fhir::r4::find_type(type)->find("status"))
                json = json.with("status", type == "DocumentReference" ? "current" : "active");
            json = json.with(fact.element.view(), *Json::parse(std::move(value)));
            cases.push_back(
                {type + " " + std::string(code.view()), json.print(), standing_words(json)});
        }
    }
    return cases;
}

TEST(StandingOnThePage, NothingThatIsNoFactIsNamedWithoutItsWord) {
    std::size_t checked = 0;
    for (const auto& [type, content] : named)
        for (const Case& one : every_status_of(type, content)) {
            if (one.words.empty() || one.words.front().standing == Standing::InError) continue;
            const Said said({one.resource});
            for (const std::string& text : {said.first_screen(), said.lists(), said.narratives()})
                for (const std::string& line : lines_with(text, name)) {
                    EXPECT_TRUE(has(line, one.words.front().words)) << one.label << ": " << line;
                    ++checked;
                }
            EXPECT_FALSE(lines_with(said.lists(), name).empty()) << one.label << " is not shown";
            EXPECT_FALSE(lines_with(said.narratives(), name).empty())
                << one.label << " is not told";
        }
    EXPECT_GT(checked, 200U);
}

TEST(StandingOnThePage, WhatIsNotNowIsNotUnderNowAndWhatIsNoFactIsNotFound) {
    for (const auto& [type, content] : named)
        for (const Case& one : every_status_of(type, content)) {
            Places may = places_of(Standing::Fact);
            for (const StandingWord& word : one.words) may = both(may, places_of(word.standing));
            const Said said({one.resource});
            for (const char* label : {"Medicines now", "Problems"})
                EXPECT_FALSE(!may.now && has(said.fact(label), name)) << one.label;
            // What is here and of which nobody knows how it goes on: completeness_test.
            if (!one.words.empty() && one.words.front().standing == Standing::Unclear) continue;
            for (const char* item : {"problems", "medicines", "allergies", "immunizations",
                                     "procedures", "laboratory", "family-history"})
                EXPECT_FALSE(!may.found && said.state_of(item) == "found") << one.label << item;
        }
}

TEST(StandingOnThePage, WhatWasEnteredInErrorIsACountAndNothingElse) {
    for (const auto& [type, content] : named)
        for (const Case& one : every_status_of(type, content)) {
            if (one.words.empty() || one.words.front().standing != Standing::InError) continue;
            const Said said({one.resource});
            EXPECT_FALSE(has(said.html(), name)) << one.label;
            EXPECT_TRUE(has(said.page(), "1 record is left out of this page")) << one.label;
            for (const std::string& line : lines_with(said.narratives(), name))
                EXPECT_TRUE(has(line, "entered in error")) << line;
        }
}

}  // namespace
}  // namespace consultd
