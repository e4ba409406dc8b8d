// A medicine of several uses is decided by the one that its record gives.
#include "signs_fixture.h"

namespace consultd::testing {
namespace {

class WeighTest : public ConsentTest {};

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
TEST_F(WeighTest, WhatIsThereForAnotherReasonGoesUnlessItsMatterIsDenied) {
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

TEST_F(WeighTest, AReasonThatIsTheMatterItselfIsNoOther) {
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
TEST_F(WeighTest, ADispenseAndAMedicationAreThereForWhatTheirOrderIs) {
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

// What is negated is the matter still (a test may be negative): by default it stays behind as a
// name, one level below what it would be.
TEST_F(WeighTest, WhatWasRuledOutIsTheMatterStill) {
    for (const char* name : {"No history of HIV", "HIV infection excluded"}) {
        EXPECT_EQ(outcome(share, named(name)), "sensitivity:HIV") << name;
        EXPECT_EQ(outcome(deny("HIV"), named(name)), "sensitivity:HIV") << name;
    }
    const auto assault = [](const std::string& standing) {
        return R"({"resourceType":"Condition","id":"c","verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":")" +
               standing +
               R"("}]},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"X95.9"}]}})";
    };
    EXPECT_EQ(outcome(share, assault("confirmed")), "sensitivity:SDV");
    EXPECT_EQ(outcome(share, assault("refuted")), "");
    EXPECT_EQ(outcome(deny("SDV"), assault("refuted")), "sensitivity:SDV");
}

// A father's alcoholism beside his cancer, which decides what is done, is a possible matter.
TEST_F(WeighTest, AFamilysHistoryGoesUnlessItsMatterIsDenied) {
    const auto father = [](const std::string& condition) {
        return R"({"resourceType":"FamilyMemberHistory","id":"f","status":"completed","relationship":{"text":"father"},"condition":[{"code":{"text":"Colon cancer"}},{"code":{"text":")" +
               condition + R"("}}]})";
    };
    EXPECT_EQ(outcome(share, father("Alcoholism")), "");
    EXPECT_EQ(outcome(deny("SUD"), father("Alcoholism")), "sensitivity:SUD");
    EXPECT_EQ(outcome(share, father("Domestic violence against the children")), "sensitivity:SDV");
    EXPECT_EQ(outcome(share, father("HIV infection")), "sensitivity:HIV");
}

TEST_F(WeighTest, AConceptsTextMayBeItsCode) {
    EXPECT_EQ(outcome(deny("HIV"), named("B20")), "sensitivity:HIV");
    EXPECT_EQ(outcome(share, R"({"resourceType":"Location","id":"l","name":"B20"})"), "");
}

// 100 mg are the strength against hepatitis B; what chemotherapy wakes, kills.
TEST_F(WeighTest, AStrengthIsThatOfOneUse) {
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
