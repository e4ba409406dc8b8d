// A medicine of several uses is decided by the one that its record gives.
#include "signs_fixture.h"

namespace consultd::testing {
namespace {

class ReasonsTest : public ConsentTest {};

// By RxNorm, 6813 is methadone.
std::string methadone(const std::string& more = "", const std::string& type = "MedicationRequest") {
    return R"({"resourceType":")" + type +
           R"(","id":"m","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"6813"}]})" +
           more + "}";
}
std::string because(const std::string& text) {
    return R"(,"reasonCode":[{"text":")" + text + R"("}])";
}
const std::string cancer =
    R"({"resourceType":"Condition","id":"ca","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"C50.919"}]}})";
const std::string because_of_cancer = R"(,"reasonReference":[{"reference":"Condition/ca"}])";

// An oncologist must know of the methadone against a cancer's pain; who denies it, keeps it back.
TEST_F(ReasonsTest, WhatIsThereForAnotherReasonGoesUnlessItsMatterIsDenied) {
    EXPECT_EQ(outcome(share, methadone()), "sensitivity:SUD");
    for (const std::string& told :
         {because("Metastatic breast cancer"), because("Tumorschmerz"),
          std::string(R"(,"dosageInstruction":[{"text":"5 mg every 8 hours for pain"}])"),
          std::string(
              R"(,"dosageInstruction":[{"asNeededCodeableConcept":{"text":"severe pain"}}])")}) {
        EXPECT_EQ(outcome(share, methadone(told)), "") << told;
        EXPECT_EQ(outcome(deny("SUD"), methadone(told)), "sensitivity:SUD") << told;
    }
    EXPECT_TRUE(apply(share, {cancer, methadone(because_of_cancer)}).withheld.empty());
    EXPECT_EQ(reason_of(apply(deny("SUD"), {cancer, methadone(because_of_cancer)}),
                        "MedicationRequest/m"),
              "sensitivity:SUD");
}

TEST_F(ReasonsTest, AReasonThatIsTheMatterItselfIsNoOther) {
    for (const char* reason : {"Opioid dependence, pain", "Alcohol use disorder; pain"})
        EXPECT_EQ(outcome(share, methadone(because(reason))), "sensitivity:SUD") << reason;
    EXPECT_EQ(outcome(share, methadone(because("Hypertension"))), "sensitivity:SUD");
    const std::string told =
        because("Cancer pain") + R"(,"note":[{"text":"Enrolled in a methadone programme."}])";
    EXPECT_EQ(outcome(share, methadone(told)), "sensitivity:SUD");
    // The combination is given for one reason alone.
    const std::string suboxone =
        R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationCodeableConcept":{"text":"buprenorphine 8 mg / naloxone 2 mg"})" +
        because("Chronic pain") + "}";
    EXPECT_EQ(outcome(share, suboxone), "sensitivity:SUD");
}

// The order gives the reason, or says for what it is used.
TEST_F(ReasonsTest, ADispenseAndAMedicationAreThereForWhatTheirOrderIs) {
    const std::string dispense =
        R"({"resourceType":"MedicationDispense","id":"d","status":"completed","medicationCodeableConcept":{"text":"methadone"},"authorizingPrescription":[{"reference":"MedicationRequest/m"}]})";
    EXPECT_TRUE(apply(share, {cancer, methadone(because_of_cancer), dispense}).withheld.empty());
    EXPECT_EQ(apply(share, {cancer, methadone(), dispense}).withheld.size(), 2U);

    const std::string drug =
        R"({"resourceType":"Medication","id":"dr","code":{"text":"methadone 5 mg"}})";
    const auto order = [](const std::string& id, const std::string& more) {
        return R"({"resourceType":"MedicationRequest","id":")" + id +
               R"(","status":"active","intent":"order","medicationReference":{"reference":"Medication/dr"})" +
               more + "}";
    };
    EXPECT_TRUE(apply(share, {drug, order("a", because("Cancer pain"))}).withheld.empty());
    EXPECT_EQ(
        apply(share, {drug, order("a", because("Cancer pain")), order("b", "")}).withheld.size(),
        3U);
    const std::string holding =
        R"({"resourceType":"MedicationRequest","id":"c","status":"active","intent":"order","contained":[{"resourceType":"Medication","id":"x","code":{"text":"methadone"}}],"medicationReference":{"reference":"#x"})";
    EXPECT_EQ(outcome(share, holding + because("Cancer pain") + "}"), "");
    EXPECT_EQ(outcome(share, holding + "}"), "sensitivity:SUD");
}

// 100 mg are the strength against hepatitis B; what chemotherapy wakes, kills.
TEST_F(ReasonsTest, AStrengthIsThatOfOneUse) {
    const auto lamivudine = [](const std::string& strength, const std::string& more = "") {
        return R"({"resourceType":"MedicationStatement","id":"m","status":"active","medicationCodeableConcept":{"text":"lamivudine)" +
               strength + R"("})" + more + "}";
    };
    EXPECT_EQ(outcome(share, lamivudine(" 100 mg")), "");
    EXPECT_EQ(outcome(share, lamivudine(" 300 mg")), "sensitivity:HIV");
    EXPECT_EQ(
        outcome(
            share,
            lamivudine(
                "", R"(,"dosage":[{"doseAndRate":[{"doseQuantity":{"value":100,"unit":"mg"}}]}])")),
        "");
    EXPECT_EQ(outcome(deny("HIV"), lamivudine(" 100 mg")), "sensitivity:HIV");
}

}  // namespace
}  // namespace consultd::testing
