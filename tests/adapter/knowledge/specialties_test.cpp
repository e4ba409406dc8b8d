#include "adapter/knowledge/specialties.h"

#include <algorithm>

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using testing::built_in;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::problems_of;
using testing::text_of;

constexpr std::string_view loinc = "http://loinc.org";

std::vector<std::string> list_of(const Knowledge& knowledge, std::string_view specialty) {
    std::vector<std::string> ids;
    for (const auto& row : knowledge.specialties.find(specialty).specialty.checklist)
        ids.push_back(row->id);
    return ids;
}

const ChecklistRow& row_of(std::string_view specialty, std::string_view id) {
    for (const auto& row : built_in().specialties.find(specialty).specialty.checklist)
        if (row->id == id) return *row;
    ADD_FAILURE() << "no such row";
    return *built_in().specialties.find("").specialty.checklist.front();
}

KnowledgeText specialty(const std::string& members, const std::string& name = "own") {
    return text_of(
        KnowledgeKind::Specialty,
        R"({"name":")" + name + R"(","version":"2026-01-01","description":"d",)" + members + "}");
}

TEST(Specialties, ASpecialtyIsFoundByEachOfItsNames) {
    const Specialties& specialties = built_in().specialties;
    EXPECT_EQ(specialties.find("Oncology").name, "oncology");
    EXPECT_EQ(specialties.find("hematology").name, "hematology");
    EXPECT_EQ(&specialties.find("hematology").specialty,
              &specialties.find("haematology").specialty);
    EXPECT_EQ(specialties.find("podiatry").name, "general");
    EXPECT_EQ(specialties.find("all").name, "general") << "what belongs to all is no list";
}

// What a consultant of the specialty is told, in the order in which it is told.
TEST(Specialties, TheListsAreWhatConsultantsAskFor) {
    EXPECT_THAT(
        list_of(built_in(), "general"),
        ElementsAre("problems", "medicines", "allergies", "immunizations", "procedures",
                    "family-history", "social-history", "notes", "operative-notes", "laboratory",
                    "vitals", "plan", "imaging-reports", "images", "pathology"));
    EXPECT_EQ(list_of(built_in(), "oncology").size(), 27U);
    EXPECT_EQ(list_of(built_in(), "haematology").size(), 28U);
    EXPECT_EQ(list_of(built_in(), "rheumatology").size(), 27U);
    EXPECT_EQ(list_of(built_in(), "oncology").back(), "oncology-note");
}

// mCODE and the LOINC panels by their published numbers.
TEST(Specialties, RowsLookForPublishedCodes) {
    EXPECT_TRUE(row_of("oncology", "stage").codes.holds(loinc, "21908-9"));
    EXPECT_TRUE(row_of("oncology", "stage").codes.holds("http://snomed.info/sct", "399537006"));
    EXPECT_TRUE(row_of("haematology", "marrow").codes.holds(loinc, "33721-2"));
    EXPECT_TRUE(row_of("general", "notes").codes.holds(loinc, "11488-4"));
    EXPECT_TRUE(row_of("general", "pathology")
                    .categories.holds("http://terminology.hl7.org/CodeSystem/v2-0074", "SP"));
    EXPECT_FALSE(row_of("general", "pathology").categories.holds(loinc, "SP"));
    EXPECT_EQ(row_of("oncology", "laboratory").old_after_days, 90);
    EXPECT_EQ(row_of("general", "images").images_of, "imaging-reports");
    EXPECT_EQ(row_of("oncology", "slides").images_of, "pathology");
    EXPECT_EQ(row_of("general", "problems").old_after_days, 0);
    EXPECT_TRUE(row_of("general", "problems").codes.empty());
}

// A flowsheet: performance status, LDH, then the blood count.
TEST(Specialties, KeyValuesAreInTheOrderOfAFlowsheetForEverySpecialty) {
    for (const Specialty& one : built_in().specialties.all) {
        ASSERT_GE(one.key_values.size(), 26U) << one.name;
        const std::size_t own = one.key_values.size() - 26;  // stand before everybody's
        EXPECT_TRUE(one.key_values[own].codes.holds(loinc, "89247-1"));
        EXPECT_TRUE(one.key_values[own + 2].codes.holds(loinc, "2532-0"));
        EXPECT_TRUE(one.key_values[own + 3].codes.holds(loinc, "718-7"));
        EXPECT_THAT(one.key_values[own + 3].names,
                    ::testing::IsSupersetOf({"hemoglobin", "haemoglobin", "hgb", "hb"}));
        EXPECT_TRUE(one.key_values[own + 25].codes.holds(loinc, "85354-9"));
    }
    EXPECT_TRUE(built_in().specialties.vital_signs.holds(loinc, "8867-4"));
    EXPECT_TRUE(built_in().specialties.stages.holds("http://snomed.info/sct", "399588009"));
}

TEST(Specialties, ThoseThatAConsultantComesFromAreThereAndEachKnowsWhatItAsksOf) {
    const Specialties& specialties = built_in().specialties;
    for (const char* name : {"oncology", "melanoma", "breast", "lung", "colorectal", "prostate",
                             "haematology", "hematology", "aml", "mds", "lymphoma", "myeloma",
                             "rheumatology", "neurology", "cardiology", "Cardiology"}) {
        EXPECT_TRUE(specialties.knows(name)) << name;
        EXPECT_FALSE(specialties.find(name).specialty.problems.empty()) << name;
    }
    EXPECT_TRUE(specialties.knows("general"));
    EXPECT_FALSE(specialties.knows("podiatry"));
    EXPECT_NE(specialties.names().find("lymphoma, melanoma"), std::string::npos);
}

TEST(Specialties, AnAddedSpecialtyHasItsListAndItsKeyValuesFirst) {
    const Knowledge knowledge = testing::with({specialty(
        R"("alsoCalled":["feet"],"items":[{"id":"gait","title":"Gait","types":["Media"],)"
        R"("source":"s"}],"checklist":["gait","problems"],"keyValues":[{"codes":)"
        R"({"http://loinc.org":["1234-4"]},"source":"s"}])",
        "podiatry")});
    EXPECT_THAT(list_of(knowledge, "Feet"), ElementsAre("gait", "problems"));
    const Specialty& podiatry = knowledge.specialties.find("podiatry").specialty;
    EXPECT_EQ(podiatry.key_values.size(), 27U);
    EXPECT_TRUE(podiatry.key_values[0].codes.holds(loinc, "1234-4"));
    EXPECT_EQ(list_of(knowledge, "oncology"), list_of(built_in(), "oncology"));
}

// A disease asks of the problems of the specialty that it is within, and that one of its disease.
TEST(Specialties, ADiseaseAndTheSpecialtyThatItIsWithinKnowEachOthersProblems) {
    const Specialties& specialties = built_in().specialties;
    const Specialty& oncology = specialties.find("oncology").specialty;
    const Specialty& breast = specialties.find("breast").specialty;
    const fhir::Json none{};
    EXPECT_EQ(oncology.within.size(), 5U);
    EXPECT_EQ(specialties.find("haematology").specialty.within.size(), 3U);
    EXPECT_TRUE(breast.disease.hold(none, "Mammakarzinom links"));
    EXPECT_FALSE(breast.disease.hold(none, "Liver metastases"));
    EXPECT_TRUE(breast.problems.hold(none, "Liver metastases"));
    EXPECT_TRUE(oncology.disease.hold(none, "Invasive ductal carcinoma of left breast"));
    EXPECT_THAT(problems_of({specialty(R"("checklist":["problems"],"within":"podiatry")")}),
                ElementsAre(HasSubstr("/within is the name of no other specialty")));
}

TEST(Specialties, WhatCannotBeUsedIsAProblem) {
    EXPECT_THAT(
        problems_of({specialty(
            R"("items":[{"id":"problems","title":"X","types":["Flag"],"source":"s"},)"
            R"({"id":"y","title":"Y","types":["Flagg"],"codes":{"loinc":["1-8"]},"words":["Big"],)"
            R"("source":"s"},{"id":"z","title":"Z","types":["Media"],"imagesOf":"nothing","source":"s"}],)"
            R"("alsoCalled":["oncology"],"checklist":["images","imaging-reports","z","gait"])")}),
        ElementsAre(HasSubstr("/items/0/id is the id of another item"),
                    HasSubstr("/items/1/codes has codes under what is no system's URI"),
                    HasSubstr("/items/1/words/0 must be in lower case"),
                    HasSubstr("/items/1/types/0 is no resource type of R4"),
                    HasSubstr("/checklist/3 is the id of no item"),
                    HasSubstr("/alsoCalled/0 is the name of another specialty"),
                    HasSubstr("/checklist has images before their reports"),
                    HasSubstr("/checklist has images of an item that is not there")));
    EXPECT_THAT(problems_of({specialty(R"("alsoCalled":[])")}),
                ElementsAre(HasSubstr("/checklist is missing")));
    EXPECT_THAT(problems_of({specialty(R"("checklist":["problems"])", "hematology")}),
                ElementsAre(HasSubstr("is the name of another specialty")));
}

}  // namespace
}  // namespace consultd
