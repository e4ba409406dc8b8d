#include "adapter/knowledge/search_plan.h"

#include <algorithm>
#include <set>

#include "fhir/r4/facts.h"
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

// By R4's own facts; the Patient is read, and a Group lists people.
std::vector<const fhir::r4::Facts*> patients_types() {
    std::vector<const fhir::r4::Facts*> types;
    for (const char* type : {"Account",
                             "AdverseEvent",
                             "Appointment",
                             "Basic",
                             "BodyStructure",
                             "ChargeItem",
                             "Claim",
                             "ClaimResponse",
                             "CommunicationRequest",
                             "Contract",
                             "DetectedIssue",
                             "DocumentManifest",
                             "GuidanceResponse",
                             "ImmunizationEvaluation",
                             "Invoice",
                             "MeasureReport",
                             "Person",
                             "RequestGroup",
                             "ResearchSubject",
                             "Schedule",
                             "SupplyDelivery",
                             "SupplyRequest",
                             "Task"}) {
        types.push_back(fhir::r4::find_facts(type));
        EXPECT_TRUE(types.back() && types.back()->sharing == fhir::r4::Sharing::Patients) << type;
    }
    return types;
}

KnowledgeText plan(const std::string& searches) {
    return text_of(
        KnowledgeKind::Plan,
        R"({"name":"own","version":"2026-01-01","description":"d","searches":[)" + searches + "]}");
}

// The types that US Core 6.1 to 9 name for a patient's record (the server's CapabilityStatements),
// and all of R4's that are a patient's: of a chart 6 of 28 Claims were lost for want of a row.
TEST(SearchPlan, AsksForEveryTypeOfUsCoreAndEveryOtherThatIsAPatients) {
    std::set<std::string> types;
    for (const PlanRow& row : built_in().plan.rows) types.insert(row.type);
    EXPECT_EQ(types.size(), 67U);
    for (const fhir::r4::Facts* facts : patients_types())
        EXPECT_TRUE(types.contains(facts->type.c_str())) << facts->type.view();
    EXPECT_TRUE(types.contains("Device"));
}

TEST(SearchPlan, WhatIsWorthMostToAConsultantIsAskedForFirst) {
    const std::vector<PlanRow>& rows = built_in().plan.rows;
    const auto place = [&](std::string_view type) {
        return std::ranges::find(rows, type, &PlanRow::type) - rows.begin();
    };
    EXPECT_TRUE(std::ranges::is_partitioned(rows, &PlanRow::clinical));
    EXPECT_LT(place("Observation"), place("ImagingStudy"));
    EXPECT_LT(place("ImagingStudy"), place("Claim"));
    EXPECT_LT(place("MedicationStatement"), place("Appointment"));
}

TEST(SearchPlan, ClinicalTypesOfUsCoreLeaveAGapWhereNotOffered) {
    std::vector<std::string> clinical;
    for (const PlanRow& row : built_in().plan.rows)
        if (row.clinical) clinical.push_back(row.type);
    EXPECT_THAT(clinical, ElementsAre("AllergyIntolerance", "CarePlan", "CareTeam", "Condition",
                                      "Device", "DiagnosticReport", "DocumentReference",
                                      "Encounter", "FamilyMemberHistory", "Goal", "Immunization",
                                      "MedicationDispense", "MedicationRequest", "Observation",
                                      "Procedure", "QuestionnaireResponse", "ServiceRequest"));
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
    EXPECT_EQ(row_of("Observation").values.size(), 17U);
    EXPECT_EQ(row_of("Observation").values.front(),
              "http://terminology.hl7.org/CodeSystem/observation-category|laboratory");
    EXPECT_THAT(row_of("Observation").any_system, HasSubstr("lda,smartdata"));
    EXPECT_THAT(
        row_of("MedicationRequest").values,
        ElementsAre("order,plan",
                    "proposal,original-order,reflex-order,filler-order,instance-order,option"));
    EXPECT_EQ(row_of("Condition").status, "clinical-status");
    EXPECT_EQ(row_of("Condition").statuses,
              "active,recurrence,relapse,inactive,remission,resolved");
    EXPECT_EQ(row_of("Goal").status, "lifecycle-status");
    EXPECT_THAT(row_of("RelatedPerson").status, IsEmpty());
}

// What was lost at vendors for want of a category.
TEST(SearchPlan, TheCategoriesOfVendorsAreInIt) {
    const std::pair<const char*, const char*> values[] = {
        {"CarePlan", "http://snomed.info/sct|734163000"},
        {"CarePlan", "http://snomed.info/sct|736378000"},
        {"CarePlan", "http://snomed.info/sct|38717003"},
        {"Observation",
         "http://hl7.org/fhir/us/core/CodeSystem/us-core-observation-category|clinical-test"},
        {"Observation",
         "http://hl7.org/fhir/us/core/CodeSystem/us-core-category|observation-adi-documentation"},
        {"ServiceRequest", "http://hl7.org/fhir/us/core/CodeSystem/us-core-category|sdoh"},
        {"DocumentReference", "http://loinc.org|42348-3"}};
    for (const auto& [type, value] : values)
        EXPECT_THAT(row_of(type).values, ::testing::Contains(value)) << type;
}

TEST(SearchPlan, WhatIsNoTypeOrNoTokenIsAProblem) {
    EXPECT_THAT(
        problems_of({plan(
            R"({"type":"Observatory","source":"s"},{"type":"Coding","source":"s"},)"
            R"({"type":"Library","loop":{"parameter":"category","values":["a|b","laboratory","x|"]},"source":"s"},)"
            R"({"type":"Condition","source":"s"})")}),
        ElementsAre(HasSubstr("/searches/0/type is no resource type of R4"),
                    HasSubstr("/searches/1/type is no resource type of R4"),
                    HasSubstr("/searches/2/loop/values/1 must be SYSTEM|CODE"),
                    HasSubstr("/searches/2/loop/values/2 must be SYSTEM|CODE"),
                    HasSubstr("x.json: /searches/3/type has a search already")));
}

}  // namespace
}  // namespace consultd
