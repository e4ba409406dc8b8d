#include "adapter/knowledge/code_form.h"

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::problems_of;
using testing::text_of;

TEST(CodeForm, ASystemThatIsWrittenOtherwiseIsTold) {
    EXPECT_THAT(system_fault("http://loinc.org/"), HasSubstr("another name of http://loinc.org"));
    EXPECT_THAT(system_fault("http://hl7.org/fhir/sid/icd-10-cm/"), HasSubstr("icd-10-cm"));
    EXPECT_THAT(system_fault("urn:oid:2.16.840.1.113883.6.1"), HasSubstr("http://loinc.org"));
    for (const char* right : {"http://loinc.org", "urn:local", "https://lab.example/codes/"})
        EXPECT_THAT(system_fault(right), IsEmpty()) << right;
}

TEST(CodeForm, ACodeThatHasNotItsSystemsFormIsTold) {
    const std::pair<const char*, const char*> wrong[] = {
        {"http://loinc.org", "718-8"},
        {"http://loinc.org", "718"},
        {"http://snomed.info/sct", "75544001"},
        {"http://hl7.org/fhir/sid/icd-10-cm", "F1020"},
        {"http://www.nlm.nih.gov/research/umls/rxnorm", "Aspirin"},
        {"http://terminology.hl7.org/CodeSystem/observation-category", "labor"}};
    for (const auto& [system, code] : wrong) EXPECT_FALSE(code_fault(system, code).empty()) << code;
    const std::pair<const char*, const char*> right[] = {
        {"http://loinc.org", "718-7"},
        {"http://loinc.org", "LP7839-6"},
        {"http://snomed.info/sct", "75544000"},
        {"http://snomed.info/sct", "191816009"},
        {"http://hl7.org/fhir/sid/icd-10-cm", "F10.20"},
        {"http://hl7.org/fhir/sid/icd-10-cm", "T74.11XA"},
        {"http://www.nlm.nih.gov/research/umls/rxnorm", "1191"},
        {"urn:local", "whatever they say"}};
    for (const auto& [system, code] : right) EXPECT_EQ(code_fault(system, code), "") << code;
}

// A row that can match nothing protects nobody: it is told with its place, before the start.
TEST(CodeForm, AnAddedFileThatWouldMatchNothingIsRefusedWithItsPlaces) {
    const std::string rows =
        R"({"name":"own","version":"2026-01-01","description":"d","rows":[)"
        R"({"label":"HIV","system":"http://loinc.org/","codes":"1-8","source":"s"},)"
        R"({"label":"HIV","system":"http://loinc.org","codes":"1-8 1-9","source":"s"}]})";
    EXPECT_THAT(problems_of({text_of(KnowledgeKind::Sensitivity, rows)}),
                ElementsAre(HasSubstr("/rows/0/system is another name of http://loinc.org"),
                            HasSubstr("/rows/1/codes/1 is no code of http://loinc.org")));
}

}  // namespace
}  // namespace consultd
