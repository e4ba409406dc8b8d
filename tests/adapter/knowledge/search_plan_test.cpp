#include "adapter/knowledge/search_plan.h"

#include <algorithm>

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using testing::built_in;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::problems_of;
using testing::text_of;

const PlanRow& row_of(std::string_view type) {
    const auto row = std::ranges::find(built_in().plan.rows, type, &PlanRow::type);
    EXPECT_NE(row, built_in().plan.rows.end()) << type;
    return *row;
}

KnowledgeText plan(const std::string& searches) {
    return text_of(
        KnowledgeKind::Plan,
        R"({"name":"own","version":"2026-01-01","description":"d","searches":[)" + searches + "]}");
}

// The types that US Core 6.1 and 7.0 name for a patient's record (the server's
// CapabilityStatements), and the rest of the compartment that is worth a search.
TEST(SearchPlan, AsksForEveryTypeOfUsCoreAndTheCompartment) {
    std::vector<std::string> types;
    for (const PlanRow& row : built_in().plan.rows) types.push_back(row.type);
    EXPECT_TRUE(std::ranges::is_sorted(types));
    EXPECT_EQ(types.size(), 43U);
    for (const char* type : {"AllergyIntolerance",
                             "CarePlan",
                             "CareTeam",
                             "Condition",
                             "Coverage",
                             "Device",
                             "DiagnosticReport",
                             "DocumentReference",
                             "Encounter",
                             "Goal",
                             "Immunization",
                             "MedicationDispense",
                             "MedicationRequest",
                             "Observation",
                             "Procedure",
                             "QuestionnaireResponse",
                             "RelatedPerson",
                             "ServiceRequest",
                             "Specimen",
                             "ImagingStudy",
                             "MedicationAdministration",
                             "MedicationStatement",
                             "FamilyMemberHistory"})
        EXPECT_TRUE(std::ranges::binary_search(types, std::string(type))) << type;
}

TEST(SearchPlan, ClinicalTypesOfUsCoreLeaveAGapWhereNotOffered) {
    std::vector<std::string> clinical;
    for (const PlanRow& row : built_in().plan.rows)
        if (row.clinical) clinical.push_back(row.type);
    EXPECT_THAT(clinical,
                ElementsAre("AllergyIntolerance", "CarePlan", "CareTeam", "Condition", "Device",
                            "DiagnosticReport", "DocumentReference", "Encounter", "Goal",
                            "Immunization", "MedicationDispense", "MedicationRequest",
                            "Observation", "Procedure", "QuestionnaireResponse", "ServiceRequest"));
}

// Where US Core obliges a server to no search by patient alone, an empty answer proves nothing.
TEST(SearchPlan, AnEmptyAnswerIsNoneWhereThePatientAloneNeedNotBeAnswered) {
    std::vector<std::string> others;
    for (const PlanRow& row : built_in().plan.rows)
        if (!row.patient_alone) others.push_back(row.type + "?" + row.loop);
    EXPECT_THAT(others, ElementsAre("CarePlan?category", "CareTeam?status",
                                    "MedicationRequest?intent", "Observation?category"));
}

TEST(SearchPlan, LoopsAndStatusesStandAsAServerTakesThem) {
    EXPECT_EQ(row_of("Observation").values.size(), 15U);
    EXPECT_EQ(row_of("Observation").values.front(),
              "http://terminology.hl7.org/CodeSystem/observation-category|laboratory");
    EXPECT_THAT(row_of("MedicationRequest").values, ElementsAre("order,plan"));
    EXPECT_EQ(row_of("Condition").status, "clinical-status");
    EXPECT_EQ(row_of("Condition").statuses,
              "active,recurrence,relapse,inactive,remission,resolved");
    EXPECT_EQ(row_of("Goal").status, "lifecycle-status");
    EXPECT_THAT(row_of("RelatedPerson").status, IsEmpty());
}

TEST(SearchPlan, WhatIsNoTypeOrNoTokenIsAProblem) {
    EXPECT_THAT(
        problems_of({plan(
            R"({"type":"Observatory","source":"s"},{"type":"Coding","source":"s"},)"
            R"({"type":"Invoice","loop":{"parameter":"category","values":["a|b","laboratory","x|"]},"source":"s"},)"
            R"({"type":"Condition","source":"s"})")}),
        ElementsAre(HasSubstr("/searches/0/type is no resource type of R4"),
                    HasSubstr("/searches/1/type is no resource type of R4"),
                    HasSubstr("/searches/2/loop/values/1 must be SYSTEM|CODE"),
                    HasSubstr("/searches/2/loop/values/2 must be SYSTEM|CODE"),
                    HasSubstr("x.json: /searches/3/type has a search already")));
}

}  // namespace
}  // namespace consultd
