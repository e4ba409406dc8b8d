#include "adapter/knowledge/sensitivity.h"

#include <algorithm>

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using testing::built_in;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::problems_of;
using testing::text_of;

constexpr std::string_view loinc = "http://loinc.org";
constexpr std::string_view snomed = "http://snomed.info/sct";
constexpr std::string_view rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
constexpr std::string_view cpt = "http://www.ama-assn.org/go/cpt";
constexpr std::string_view icd10cm = "http://hl7.org/fhir/sid/icd-10-cm";

std::vector<std::string_view> labels(std::string_view system, std::string_view code) {
    return built_in().sensitivity.labels_of(system, code);
}

KnowledgeText rows(const std::string& text) {
    return text_of(
        KnowledgeKind::Sensitivity,
        R"({"name":"own","version":"2026-01-01","description":"d","rows":[)" + text + "]}");
}

// Chapters of ICD-10-CM as the CDC prints them; codes of HL7's and SAMHSA's lists by their names.
TEST(Sensitivity, KnowsTheChaptersOfIcd10) {
    const std::pair<const char*, const char*> known[] = {
        {"F10.21", "SUD"},  {"F11.20", "SUD"},  {"F19.9", "SUD"}, {"F33.1", "MH"},
        {"F20", "MH"},      {"F03.90", "MH"},   {"B20", "HIV"},   {"Z21", "HIV"},
        {"O98.711", "HIV"}, {"Z11.4", "HIV"},   {"A53.9", "STD"}, {"O04.5", "SEX"},
        {"Z30.09", "SEX"},  {"F64.0", "SEX"},   {"Z33.2", "SEX"}, {"T74.11XA", "SDV"},
        {"Z62.810", "SDV"}, {"D57.1", "SICKLE"}};
    for (const auto& [code, label] : known)
        EXPECT_THAT(labels(icd10cm, code), Contains(label)) << code;
    for (const char* code :
         {"F17.210", "C43.9", "I10", "A49.9", "O09.1", "Z31", "D56.1", "F", "F1", "Z62.819", ""})
        EXPECT_THAT(labels(icd10cm, code), IsEmpty()) << code;
}

TEST(Sensitivity, ACategoryCountsInEveryModificationOfIcd10AndWithoutDots) {
    for (const char* system : {"http://hl7.org/fhir/sid/icd-10", "urn:oid:1.2.276.0.76.5.409",
                               "http://fhir.de/CodeSystem/bfarm/icd-10-gm", ""})
        EXPECT_THAT(labels(system, "F33.1"), ElementsAre("MH")) << system;
    EXPECT_THAT(labels(icd10cm, "f331"), ElementsAre("MH"));
    EXPECT_THAT(labels("http://hospital.example/codes", "F33.1"), IsEmpty());
    EXPECT_THAT(labels(snomed, "F33.1"), IsEmpty());
}

TEST(Sensitivity, KnowsSingleCodesUnderTheirSystem) {
    EXPECT_THAT(labels(loinc, "44249-1"), ElementsAre("MH"));      // PHQ-9
    EXPECT_THAT(labels(loinc, "76690-7"), ElementsAre("SEX"));     // sexual orientation
    EXPECT_THAT(labels(rxnorm, "352364"), ElementsAre("SUD"));     // buprenorphine / naloxone
    EXPECT_THAT(labels(rxnorm, "1747692"), ElementsAre("HIV"));    // Descovy
    EXPECT_THAT(labels(snomed, "706893006"), ElementsAre("SDV"));  // partner abuse
    EXPECT_THAT(labels(snomed, "444175001"), ElementsAre("PSYTHPN"));
    EXPECT_THAT(labels(cpt, "59840"), ElementsAre("SEX"));
    EXPECT_THAT(labels(loinc, "51969-4"), ElementsAre("GDIS"));
    EXPECT_THAT(labels(loinc, "718-7"), IsEmpty());
}

// A code means nothing without its system; but a site's own name for the system, or none, proves
// nothing.
TEST(Sensitivity, ACodeOfAnotherKnownSystemIsAnotherAndOfAnUnknownOneMayBeIt) {
    EXPECT_THAT(labels(cpt, "352364"), IsEmpty());
    EXPECT_THAT(labels(snomed, "59840"), IsEmpty());
    for (const char* system : {"", "urn:oid:1.2.3.4", "http://hospital.example/meds"})
        EXPECT_THAT(labels(system, "352364"), ElementsAre("SUD")) << system;
}

TEST(Sensitivity, AddedRangesOfAnotherSystemCountInThatSystemAlone) {
    const Knowledge knowledge = testing::with(
        {rows(R"({"label":"MH","system":"http://hl7.org/fhir/sid/icd-9-cm","ranges":["295-314"],)"
              R"("source":"s"})")});
    EXPECT_THAT(knowledge.sensitivity.labels_of("http://hl7.org/fhir/sid/icd-9-cm", "296.2"),
                ElementsAre("MH"));
    EXPECT_THAT(knowledge.sensitivity.labels_of("http://hl7.org/fhir/sid/icd-9-cm", "315"),
                IsEmpty());
    EXPECT_THAT(knowledge.sensitivity.labels_of("", "296.2"), IsEmpty());
    EXPECT_THAT(knowledge.sensitivity.labels_of(icd10cm, "F33.1"), ElementsAre("MH"));
}

TEST(Sensitivity, ARowThatSaysNothingOrWrongIsAProblem) {
    EXPECT_THAT(
        problems_of({rows(
            R"({"label":"HIVE","system":"http://loinc.org","codes":["1-8"],"source":"s"},)"
            R"({"label":"HIV","system":"http://loinc.org","source":"s"},)"
            R"({"label":"HIV","system":"http://hl7.org/fhir/sid/icd-10","ranges":["B20-B2","C3-B9"],"source":"s"})")}),
        ElementsAre(HasSubstr("/rows/0/label is no sensitivity code of v3-ActCode"),
                    HasSubstr("/rows/1 has neither codes nor ranges"),
                    HasSubstr("/rows/2/ranges/0"), HasSubstr("/rows/2/ranges/1")));
    EXPECT_THAT(problems_of({rows(R"({"label":"HIV","codes":["1-8"],"source":"s"})")}),
                ElementsAre(HasSubstr("/rows/0/system is missing")));
}

}  // namespace
}  // namespace consultd
