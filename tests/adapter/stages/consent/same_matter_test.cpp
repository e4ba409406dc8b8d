// A rule by code, or on one resource, is on a matter: under another code, in words, in a copy.
#include "signs_fixture.h"

namespace consultd::testing {
namespace {

const std::string snomed = "http://snomed.info/sct";

// With what the list calls it.
std::string named_code(const std::string& system, const std::string& code,
                       const std::string& display) {
    return R"("code":[{"coding":[{"system":")" + system + R"(","code":")" + code +
           R"(","display":")" + display + R"("}]}])";
}
std::string called(const std::string& system, const std::string& code, const std::string& display) {
    return condition(R"({"coding":[{"system":")" + system + R"(","code":")" + code +
                     R"(","display":")" + display + R"("}]})");
}

class SameMatterTest : public ConsentTest {
protected:
    const fhir::Json no_hiv_ =
        consent(R"({"type":"permit","provision":[{"type":"permit",)" + label_of("HIV") +
                R"(},{"type":"deny",)" + named_code(icd10, "B20", "HIV disease") + "}]}");
};

// The tables know what the code is of, and what else is.
TEST_F(SameMatterTest, WhatTheTablesPutUnderTheMatterOfADeniedCodeDoesNotGo) {
    const std::string bearers[] = {
        coded(snomed, "86406008"),
        coded("http://hl7.org/fhir/sid/icd-9-cm", "042"),
        coded(icd10, "Z21"),
        R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","code":"20447-9"}]}})",
        R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"1999667","display":"Biktarvy"}]}})",
        R"({"resourceType":"Observation","id":"o","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}]},"code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})"};
    for (const std::string& text : bearers)
        EXPECT_EQ(outcome(no_hiv_, text), "undecidable") << text;
    for (
        const std::string& text :
        {called(icd10, "M25.561", "Pain in right knee"), coded(icd10, "F33.1"),
         std::string(
             R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})")})
        EXPECT_EQ(outcome(no_hiv_, text), "") << text;
}

// Another code of the same list is another thing, where the list tells more than one apart.
TEST_F(SameMatterTest, WhatTheSameListTellsApartStaysApart) {
    EXPECT_EQ(outcome(all_but(code_of(icd10, "F40")), coded(icd10, "F33.1")), "");
    EXPECT_EQ(outcome(all_but(code_of(icd10, "F40")), coded(snomed, "35489007")), "undecidable");
    EXPECT_EQ(outcome(all_but(code_of(icd10, "I10")), called(icd10, "I11.9", "Hypertensive heart")),
              "");
}

// Called as the denied is, under whatever code.
TEST_F(SameMatterTest, WhatIsCalledAsTheDeniedDoesNotGoUnderAnyCode) {
    const fhir::Json asked = all_but(named_code(icd10, "D86.9", "Sarcoidosis, unspecified"));
    for (
        const std::string& text :
        {called(snomed, "31541009", "Sarcoidosis"), called(icd10, "M25.561", "Sarcoidosis"),
         called("urn:local", "77", "Sarcoidosis of lung"),
         std::string(
             R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"reasonCode":[{"text":"Sarcoidosis"}]})")})
        EXPECT_NE(outcome(asked, text), "") << text;
    const fhir::Json pressure =
        all_but(named_code(icd10, "I10", "Essential (primary) hypertension"));
    EXPECT_EQ(outcome(pressure, called(snomed, "38341003", "Hypertensive disorder")),
              "undecidable");
    const fhir::Json melanoma = all_but(named_code(icd10, "C43.9", "Malignant melanoma of skin"));
    EXPECT_EQ(outcome(melanoma, called(snomed, "372244006", "Melanoma")), "undecidable");
    EXPECT_EQ(outcome(melanoma, called(snomed, "363406005", "Malignant tumor of colon")), "");
    EXPECT_EQ(outcome(pressure, called(snomed, "34486009", "Hyperthyroidism")), "");
}

// In a note, a title, an attachment, though nothing in the record is of the denied code itself.
TEST_F(SameMatterTest, TheWordsOfADeniedCodeGoNowhere) {
    const fhir::Json asked = all_but(named_code(icd10, "D86.9", "Sarcoidosis"));
    const auto noted = [](const std::string& words) {
        return R"({"resourceType":"Condition","id":"c","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"M25.561"}]},"note":[{"text":")" +
               words + R"("}]})";
    };
    EXPECT_EQ(outcome(asked, noted("sarcoidosis since 2010")), "names-withheld");
    EXPECT_EQ(outcome(asked, noted("osteoarthrosis")), "");
    EXPECT_EQ(outcome(asked, letter("Known sarcoidosis.")), "names-withheld");
    EXPECT_EQ(outcome(asked, letter("Known gout.")), "");
    const std::string for_another =
        R"({"type":"permit","provision":[{"type":"deny","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HRESCH"}],)" +
        named_code(icd10, "D86.9", "Sarcoidosis") + "}]}";
    EXPECT_EQ(outcome(consent(for_another), noted("sarcoidosis")), "") << "not for this purpose";
}

// "Essential" is how it is, and not what it is; a code without a system is called as the record
// calls it.
TEST_F(SameMatterTest, TheWordThatTellsADeniedNameIsItsWord) {
    const std::string noted =
        R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"note":[{"text":"hypertension known"}]})";
    const std::string pressure = called(icd10, "I10", "Essential (primary) hypertension");
    for (const fhir::Json& asked :
         {all_but(code_of(icd10, "I10")), all_but(R"("code":[{"coding":[{"code":"I10"}]}])")}) {
        const Consented consented = apply(asked, {pressure, noted});
        EXPECT_NE(reason_of(consented, "Condition/c1"), "");
        EXPECT_EQ(reason_of(consented, "Observation/o"), "names-withheld");
    }
    EXPECT_EQ(outcome(all_but(named_code(icd10, "G89.29", "Chronic pain")),
                      replaced(noted, "hypertension known", "no pain")),
              "");
}

// A disease of somebody's name is written in many ways.
TEST_F(SameMatterTest, AnApostropheHidesNoName) {
    const fhir::Json asked = all_but(named_code(icd10, "K50.90", "Crohn's disease"));
    for (const char* words : {"Crohn's disease", "Crohns disease", "Crohn\u2019s disease",
                              "crohns_disease.txt", "crohn-s-disease", "Crohn disease"})
        EXPECT_EQ(
            outcome(
                asked,
                R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"note":[{"text":")" +
                    std::string(words) + R"("}]})"),
            "names-withheld")
            << words;
}

TEST_F(SameMatterTest, ADeniedResourceGoesWithItsCopiesAndTheWordsOfWhoPointedToIt) {
    const auto sarcoidosis = [](const std::string& id, const std::string& day) {
        return R"({"resourceType":"Condition","id":")" + id + R"(","recordedDate":")" + day +
               R"(","code":{"text":"Sarcoidosis"}})";
    };
    const Consented consented = apply(
        all_but(R"("data":[{"meaning":"instance","reference":{"reference":"Condition/s"}}])"),
        {sarcoidosis("s", "2024-05-05"), sarcoidosis("copy", "2024-05-05"),
         sarcoidosis("other", "2019-01-01"),
         R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"reasonCode":[{"text":"Sarcoidosis"}],"diagnosis":[{"condition":{"reference":"Condition/s"}}]})",
         R"({"resourceType":"Encounter","id":"f","status":"finished","class":{"code":"AMB"},"reasonCode":[{"text":"Cough"}],"diagnosis":[{"condition":{"reference":"Condition/s"}}]})",
         R"({"resourceType":"List","id":"l","status":"current","mode":"working","title":"Problems: Sarcoidosis","entry":[{"item":{"reference":"Condition/s"}},{"item":{"reference":"Condition/other"}}]})"});
    EXPECT_EQ(reason_of(consented, "Condition/s"), "instance-denied");
    EXPECT_EQ(reason_of(consented, "Condition/copy"), "instance-denied");
    EXPECT_EQ(reason_of(consented, "Condition/other"), "");
    EXPECT_EQ(reason_of(consented, "Encounter/e"), "names-withheld");
    EXPECT_EQ(reason_of(consented, "Encounter/f"), "");
    EXPECT_EQ(reason_of(consented, "List/l"), "names-withheld");
}

// A result of another hour is another one.
TEST_F(SameMatterTest, AnotherResultOfTheDayIsNoCopy) {
    const auto sodium = [](const std::string& id, const std::string& time) {
        return R"({"resourceType":"Observation","id":")" + id +
               R"(","status":"final","code":{"text":"Sodium"},"effectiveDateTime":")" + time +
               R"("})";
    };
    const Consented consented = apply(
        all_but(R"("data":[{"meaning":"instance","reference":{"reference":"Observation/a"}}])"),
        {sodium("a", "2024-05-05T08:00:00Z"), sodium("b", "2024-05-05T10:00:00+02:00"),
         sodium("c", "2024-05-05T16:00:00Z")});
    EXPECT_EQ(reason_of(consented, "Observation/b"), "instance-denied");
    EXPECT_EQ(reason_of(consented, "Observation/c"), "");
}

}  // namespace
}  // namespace consultd::testing
