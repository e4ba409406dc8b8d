// Doses in words people use, from all of Dosage and Timing.
#include "adapter/stages/reading/dose.h"

#include <gtest/gtest.h>

namespace consultd {
namespace {

std::string dose(const std::string& dosage) {
    return dosage_text(*fhir::Json::parse("[{" + dosage + "}]"));
}
std::string timing(const std::string& repeat) {
    return timing_text(*fhir::Json::parse(R"({"repeat":{)" + repeat + "}}"));
}

TEST(Dose, NumbersAloneReadAsADose) {
    EXPECT_EQ(dose(R"("timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},)"
                   R"("doseAndRate":[{"doseQuantity":{"value":1}}])"),
              "dose 1 once a day");
    EXPECT_EQ(dose(R"("timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},)"
                   R"("route":{"text":"by mouth"},)"
                   R"("doseAndRate":[{"doseQuantity":{"value":2.50,"unit":"mg"}}])"),
              "2.50 mg by mouth twice a day");
}

TEST(Dose, AsNeededWithWhatForAndHowMuchAtMost) {
    EXPECT_EQ(dose(R"("timing":{"repeat":{"frequency":1,"period":4,"periodUnit":"h"}},)"
                   R"("asNeededCodeableConcept":{"text":"pain"},)"
                   R"("doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}],)"
                   R"("maxDosePerPeriod":{"numerator":{"value":6,"unit":"tablets"},)"
                   R"("denominator":{"value":1,"unit":"d","code":"d"}})"),
              "1 tablet every 4 hours, as needed for pain, at most 6 tablets a day");
}

TEST(Dose, EveryFormOfHowOftenIsSaid) {
    EXPECT_EQ(timing(R"("frequency":1,"period":1,"periodUnit":"wk")"), "once a week");
    EXPECT_EQ(timing(R"("frequency":3,"period":1,"periodUnit":"d")"), "3 times a day");
    EXPECT_EQ(timing(R"("frequency":1,"frequencyMax":2,"period":1,"periodUnit":"d")"),
              "1 to 2 times a day");
    EXPECT_EQ(timing(R"("frequency":1,"period":4,"periodMax":6,"periodUnit":"h")"),
              "every 4 to 6 hours");
    EXPECT_EQ(timing(R"("frequency":2,"period":3,"periodUnit":"wk")"), "twice every 3 weeks");
    EXPECT_EQ(timing(R"("dayOfWeek":["mon","thu"],"timeOfDay":["08:00:00"])"),
              "on Monday, Thursday, at 08:00");
    EXPECT_EQ(timing(R"("when":["ACM","HS"],"offset":30)"),
              "30 minutes before breakfast, 30 minutes before sleep");
    EXPECT_EQ(timing(R"("frequency":1,"period":1,"periodUnit":"d","boundsDuration":)"
                     R"({"value":10,"unit":"days","code":"d"},"count":10)"),
              "once a day, for 10 days, 10 times in all");
    EXPECT_EQ(timing(R"("duration":30,"durationUnit":"min")"), "over 30 minutes");
    EXPECT_EQ(timing_text(*fhir::Json::parse(R"({"code":{"coding":[{"code":"BID"}]}})")),
              "twice a day");
}

TEST(Dose, StepsOfATaperStandInTheirOrder) {
    const auto step = [](int sequence, const char* text) {
        return R"({"sequence":)" + std::to_string(sequence) + R"(,"text":")" + text + "\"}";
    };
    EXPECT_EQ(dosage_text(*fhir::Json::parse("[" + step(2, "20 mg, week 2") + "," +
                                             step(1, "40 mg, week 1") + "]")),
              "40 mg, week 1; then 20 mg, week 2");
}

TEST(Dose, WhereTextAndStructureDisagreeBothStand) {
    const std::string twice = R"("timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},)";
    const std::string five = R"("doseAndRate":[{"doseQuantity":{"value":5,"unit":"mg"}}])";
    EXPECT_EQ(dose(R"("text":"5 mg twice daily, days 1-21",)" + twice + five),
              "5 mg twice daily, days 1-21");
    EXPECT_EQ(dose(R"("text":"5 mg once daily",)" + twice + five),
              "5 mg once daily (structured: 5 mg twice a day)");
    // "15" holds a 5 and is another dose.
    EXPECT_EQ(dose(R"("text":"15 mg twice daily",)" + twice + five),
              "15 mg twice daily (structured: 5 mg twice a day)");
}

TEST(Dose, CycleAndDayOfADoseGivenStayBesideItsAmount) {
    EXPECT_EQ(dosage_text(*fhir::Json::parse(
                  R"({"dose":{"value":150,"unit":"mg"},"text":"75 mg/m2 SC, cycle 1 day 1"})")),
              "75 mg/m2 SC, cycle 1 day 1 (structured: 150 mg)");
}

}  // namespace
}  // namespace consultd
