#include "adapter/knowledge/code_maps.h"

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using testing::built_in;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::problems_of;
using testing::text_of;
using Element = CodeCorrection::Element;

constexpr std::string_view loinc = "http://loinc.org";
constexpr std::string_view category = "http://terminology.hl7.org/CodeSystem/observation-category";

KnowledgeText map(const std::string& group,
                  const std::string& source = "http://hl7.org/fhir/ValueSet/observation-codes") {
    return text_of(KnowledgeKind::Map,
                   R"({"resourceType":"ConceptMap","url":"http://example.org/map","name":"Own",)"
                   R"("version":"1","status":"active","sourceUri":")" +
                       source + R"(","group":[)" + group + "]}");
}
std::string element(const std::string& target) {
    return R"({"source":"http://loinc.org","target":"http://loinc.org","element":[{"code":"1-8",)"
           R"("target":[)" +
           target + "]}]}";
}

// The table of https://hl7.org/fhir/R4/observation-vitalsigns.html.
TEST(CodeMaps, TheCodeThatR4FixesStandsBesideWhatIsFound) {
    const std::pair<const char*, const char*> fixed[] = {
        {"55284-4", "85354-9"}, {"8331-1", "8310-5"}, {"59408-5", "2708-6"}};
    for (const auto& [found, right] : fixed) {
        const CodeCorrection* row = built_in().maps.find(Element::ObservationCode, loinc, found);
        ASSERT_NE(row, nullptr) << found;
        EXPECT_EQ(row->target_code, right);
        EXPECT_EQ(row->target_system, loinc);
        EXPECT_FALSE(row->target_display.empty());
        EXPECT_FALSE(row->in_place);
    }
    EXPECT_EQ(built_in().maps.find(Element::ObservationCode, loinc, "85354-9"), nullptr);
    EXPECT_EQ(built_in().maps.find(Element::ObservationCode, "urn:local", "8331-1"), nullptr);
    EXPECT_EQ(built_in().maps.find(Element::ObservationCategory, loinc, "8331-1"), nullptr);
}

TEST(CodeMaps, AMisspelledCategoryIsWrittenRight) {
    const CodeCorrection* row =
        built_in().maps.find(Element::ObservationCategory, category, "vital-sign");
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->target_code, "vital-signs");
    EXPECT_TRUE(row->in_place);
}

// Nothing is invented: a narrower code would say what the record does not.
TEST(CodeMaps, ATargetThatMeansLessOrElseIsRefused) {
    for (const char* equivalence : {"narrower", "specializes", "inexact", "relatedto", "disjoint"})
        EXPECT_THAT(problems_of({map(element(R"({"code":"2-6","comment":"s","equivalence":")" +
                                             std::string(equivalence) + "\"}"))}),
                    ElementsAre(HasSubstr("target[0].equivalence must be one of")))
            << equivalence;
}

TEST(CodeMaps, WhatIsNotWhollyUnderstoodIsRefused) {
    const std::string right = R"({"code":"2-6","comment":"s","equivalence":"wider"})";
    EXPECT_TRUE(problems_of({map(element(right))}).empty());
    EXPECT_THAT(problems_of({map(element(R"({"code":"2-6","equivalence":"wider"})"))}),
                ElementsAre(HasSubstr("comment is missing: it names the source of the row")));
    EXPECT_THAT(problems_of({map(element(right + "," + right))}),
                ElementsAre(HasSubstr("element[0].target must be one")));
    EXPECT_THAT(problems_of({map(element(right) + "," + element(right))}),
                ElementsAre(HasSubstr("group[1].element[0].code has a target already")));
    EXPECT_THAT(problems_of({map(element(right), "http://example.org/values")}),
                ElementsAre(HasSubstr("ConceptMap.sourceUri must be")));
    EXPECT_THAT(problems_of({map(R"({"element":[{"code":"1-8","target":[)" + right + "]}]}")}),
                ElementsAre(HasSubstr("group[0].source is missing: a code needs its system"),
                            HasSubstr("group[0].target is missing: a code needs its system")));
    EXPECT_THAT(problems_of({map(R"({"elements":[]})")}),
                Contains(HasSubstr("x.json: ConceptMap.group")));
}

}  // namespace
}  // namespace consultd
