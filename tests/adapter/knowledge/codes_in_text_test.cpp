// Codes that stand in texts.
#include "adapter/knowledge/codes_in_text.h"

#include <gmock/gmock.h>

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> codes(std::string_view text) {
    std::vector<std::string> out;
    for (const CodeInText& one : codes_in_text(text)) out.push_back(one.code);
    return out;
}
std::vector<std::string> labels(std::string_view text) {
    return testing::labels_of(testing::built_in().sensitivity.of_text(text));
}

TEST(CodesInText, ADiagnosisIsFoundByItsDotItsMarkOrTheListItStandsIn) {
    EXPECT_THAT(codes("F10.2"), ElementsAre("F10.2"));
    EXPECT_THAT(codes("B24.- seit 2011"), ElementsAre("B24"));
    for (const char* text : {"B24 G", "seit 2011 B24 V, Knie", "B24G", "B24.- G"})
        EXPECT_THAT(codes(text), Contains("B24")) << text;
    for (const char* text : {"ICD-10: B20", "ICD10 B20", "Dx: Z21, B20", "Diagnosen: Knie, B20",
                             "CIE-10 B20", "Diagn\u00f3stico: B20", "CIM-10\tB20", "B20\nICD-10-CM",
                             "B20, M17.11", "M17.11, B20", "I10.9; E11.9; B20"})
        EXPECT_THAT(codes(text), Contains("B20")) << text;
    EXPECT_THAT(codes("Dx: f1120"), Contains("f1120"));
}

TEST(CodesInText, ABedAVitaminOrAMeasureIsNoDiagnosis) {
    for (const char* text :
         {"B20", "Bed B20", "Bett B20 G", "now in room F10.2", "vitamin B12", "takes B20 vitamins",
          "F18.5 mm", "Seen on ward F20. A nurse came", "Fig. F10.2", "section B20 of the form",
          "T12 fracture", "PAX8 T790M L858R", "grade G2 pT1c", "2019-2", "Dx: F508del/F508del"})
        EXPECT_THAT(codes(text), IsEmpty()) << text;
}

// Bare, as people write lists; the name of a thing may be a room's.
TEST(CodesInText, ABareCodeIsADiagnosisInALineOfCodesOrAHistory) {
    const auto of_note = [](std::string_view text) {
        std::vector<std::string> out;
        for (const CodeInText& one : codes_in_text(text, LineOfCodes::Diagnoses))
            out.push_back(one.code);
        return out;
    };
    for (const char* text : {"B20", "B20, I10", "1) B20\n2) E11", "Seen today.\nB20\nGoes home.",
                             "- B20", "PMH: HTN, B20, DM", "Hx: B20.", "Vorerkrankungen: B20; KHK",
                             "Comorbidities: asthma, B20"})
        EXPECT_THAT(of_note(text), Contains("B20")) << text;
    for (const char* text : {"Bed B20", "B20 today", "Hx: seen in B20", "moved to B20, comfortable",
                             "PMH: HTN. Now in B20 since Monday", "B20 12:30"})
        EXPECT_THAT(of_note(text), IsEmpty()) << text;
    EXPECT_THAT(labels("B20"), Contains("HIV"));
}

TEST(CodesInText, CodesOfOtherSystemsAreFoundByTheirDigitsOrTheirSystem) {
    EXPECT_THAT(codes("Lab 20447-9 : 35 copies"), ElementsAre("20447-9"));
    EXPECT_THAT(codes("Lab 20447-8, 555-1"), IsEmpty());  // the check digit; too short
    EXPECT_THAT(codes("SNOMED CT 86406008"), ElementsAre("86406008"));
    EXPECT_THAT(codes("MRN 86406007"), IsEmpty());
    EXPECT_THAT(codes("ATC J05AX29"), ElementsAre("J05AX29"));
    EXPECT_THAT(codes("RxCUI 1747692"), ElementsAre("1747692"));
    EXPECT_THAT(codes("CPT 59840"), ElementsAre("59840"));
    EXPECT_THAT(codes("weight 59840"), IsEmpty());
    EXPECT_THAT(codes("OPS 5-751"), ElementsAre("5-751"));
    EXPECT_THAT(codes("ICD-9: 042, 303.90, V08"), ElementsAre("042", "303.90", "V08"));
    EXPECT_THAT(codes("Dx V08"), ElementsAre("V08"));
    EXPECT_THAT(codes("diagnosed in 1998 at 042 Main Street"), IsEmpty());
}

// By the same rows that decide a coding.
TEST(CodesInText, ACodeInATextBetraysWhatTheCodingDoes) {
    EXPECT_THAT(labels("Diagnosen: B24 G, M17.1 G"), Contains("HIV"));
    EXPECT_THAT(labels("Diagnosen: F10.2 G, M17.1 G"), Contains("SUD"));
    EXPECT_THAT(labels("F33.1 G"), Contains("MH"));
    EXPECT_THAT(labels("Dx: O04.5"), Contains("SEX"));
    EXPECT_THAT(labels("Viral load 20447-9"), Contains("HIV"));
    EXPECT_THAT(labels("SNOMED CT 86406008"), Contains("HIV"));
    EXPECT_THAT(labels("Dx: 042"), Contains("HIV"));
    EXPECT_THAT(labels("Diagnosen: M17.1 G, I10.90 G, E11.9"), IsEmpty());
    EXPECT_THAT(testing::labels_of(testing::built_in().sensitivity.of_name("Diagnosis F10.2")),
                Contains("SUD"));
}

}  // namespace
}  // namespace consultd
