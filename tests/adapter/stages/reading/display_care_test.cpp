// Plans, lists, visits, devices and warnings say what is in them and what they lead to.
#include "adapter/stages/reading/display_care.h"

#include "tests/adapter/stages/reading/statement_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

class DisplayCareTest : public StatementTest {
protected:
    const Statement& of(const std::string& type, const std::string& more,
                        const std::vector<std::string>& others = {}) {
        std::vector<std::string> texts{R"({"resourceType":")" + type + R"(","id":"x",)" + more +
                                       "}"};
        texts.insert(texts.end(), others.begin(), others.end());
        return say_all(texts).front();
    }
};

// https://hl7.org/fhir/R4/careplan-definitions.html#CarePlan.activity.reference
TEST_F(DisplayCareTest, WhatAPlanRefersToIsWhatItPlans) {
    const std::string leads = R"("status":"active","intent":"plan","title":"Plan A","activity":[)"
                              R"({"reference":{"reference":"ServiceRequest/s"}}])";
    const auto asked = [](const char* more) {
        return R"({"resourceType":"ServiceRequest","id":"s","intent":"order","code":)"
               R"({"text":"Mastectomy left"},"occurrenceDateTime":"2026-12-01",)" +
               std::string(more) + "}";
    };
    EXPECT_EQ(of("CarePlan", leads, {asked(R"("status":"active")")}).value,
              "Mastectomy left, active, 1 Dec 2026");
    EXPECT_EQ(of("CarePlan", leads, {asked(R"("status":"active","doNotPerform":true)")}).value,
              "do not do this: Mastectomy left, active, 1 Dec 2026");
    EXPECT_EQ(of("CarePlan", leads, {asked(R"("status":"entered-in-error")")}).value, "");
    EXPECT_EQ(of("CarePlan", R"("status":"active","intent":"plan","contained":[{"resourceType":)"
                             R"("MedicationRequest","id":"m","status":"active","intent":"plan",)"
                             R"("medicationCodeableConcept":{"text":"Enzalutamide"},)"
                             R"("dosageInstruction":[{"text":"160 mg daily"}]}],"activity":[)"
                             R"({"reference":{"reference":"#m"}}])")
                  .value,
              "Enzalutamide 160 mg daily, plan, active");
}

// List.entry.deleted is a modifier: https://hl7.org/fhir/R4/list-definitions.html
TEST_F(DisplayCareTest, WhatWasTakenOutOfAListSaysSoAndWhyItIsEmpty) {
    const std::string list = R"("status":"current","mode":"changes","title":"Changes",)";
    EXPECT_EQ(of("List", list + R"("entry":[{"flag":{"text":"ceased"},"deleted":true,"item":)"
                                R"({"display":"Aspirin"}},{"item":{"display":"Clopidogrel"}}])")
                  .value,
              "Aspirin: ceased, taken out of the list");
    EXPECT_EQ(of("List", list + R"("emptyReason":{"coding":[{"code":"notasked"}]})").value,
              "empty: not asked");
}

TEST_F(DisplayCareTest, WhatWasEnteredInErrorIsNamedByNothingThatLeadsToIt) {
    const std::string wrong = R"({"resourceType":"AllergyIntolerance","id":"a","code":{"text":)"
                              R"("Latex"},"verificationStatus":{"coding":[{"code":)"
                              R"("entered-in-error"}]}})";
    const std::string leads = R"({"reference":"AllergyIntolerance/a","display":"Latex"})";
    EXPECT_EQ(
        of("List",
           R"("status":"current","mode":"changes","entry":[{"deleted":true,"item":)" + leads + "}]",
           {wrong})
            .value,
        "");
    EXPECT_EQ(
        of("DetectedIssue", R"("status":"final","implicated":[)" + leads + "]", {wrong}).value, "");
}

TEST_F(DisplayCareTest, AVisitSaysWhereThePatientLies) {
    EXPECT_EQ(of("Encounter", R"("status":"in-progress","class":{"code":"IMP"},"location":[)"
                              R"({"location":{"display":"ICU"}}],"serviceProvider":)"
                              R"({"display":"General"})")
                  .value,
              "inpatient, ICU, General");
}

// https://hl7.org/fhir/R4/device-definitions.html#Device.safety
TEST_F(DisplayCareTest, ADeviceSaysWhatItIsWhoMadeItAndWhatItIsNotSafeWith) {
    const std::string device =
        R"("status":"active","deviceName":[{"name":"Evera XT","type":"model-name"}],"type":)"
        R"({"text":"Implantable defibrillator"},"manufacturer":"Medtronic","modelNumber":"DVBB1D4",)"
        R"("serialNumber":"S7","safety":[{"text":"MR Unsafe"}])";
    const std::string said =
        "Implantable defibrillator, MR Unsafe, Medtronic, model DVBB1D4, serial number S7";
    EXPECT_EQ(of("Device", device).value, said);
    EXPECT_EQ(of("DeviceUseStatement", R"("status":"active","device":{"reference":"Device/d"})",
                 {R"({"resourceType":"Device","id":"d",)" + device + "}"})
                  .value,
              said);
}

TEST_F(DisplayCareTest, AWarningSaysHowSevereItIsAndWhatWasDoneAgainstIt) {
    EXPECT_EQ(of("DetectedIssue", R"("status":"final","code":{"text":"Interaction"},"severity":)"
                                  R"("high","implicated":[{"display":"Warfarin"}],"mitigation":[)"
                                  R"({"action":{"text":"dose reduced"}}])")
                  .value,
              "severity high; Warfarin; done against it: dose reduced");
}

TEST_F(DisplayCareTest, ADocumentIsCalledByItsTitleAndSaysWhatItsSectionsSay) {
    const Statement& letter =
        of("Composition", R"("status":"final","title":"Urology clinic letter","type":)"
                          R"({"text":"Clinic letter"},"section":[{"title":"Impression","text":)"
                          R"({"status":"generated","div":"<div>PSA rising.</div>"}}])");
    EXPECT_EQ(letter.what, "Urology clinic letter");
    EXPECT_EQ(letter.value, "Impression\nPSA rising.");
}

}  // namespace
}  // namespace consultd
