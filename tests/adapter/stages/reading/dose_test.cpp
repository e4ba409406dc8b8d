// Doses in words people use, from all of Dosage and Timing.
#include "adapter/stages/reading/dose.h"

#include <gtest/gtest.h>

#include "adapter/stages/reading/timing.h"

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

TEST(Dose, ATextAgreesOnlyWhereNumberAndUnitAreThoseOfTheStructure) {
    const auto says_both = [](const std::string& text, const std::string& value,
                              const std::string& unit) {
        return dose(R"("text":")" + text + R"(","doseAndRate":[{"doseQuantity":{"value":)" + value +
                    R"(,"unit":")" + unit + R"("}}])")
                   .find("structured") != std::string::npos;
    };
    EXPECT_TRUE(says_both("125 micrograms daily", "125", "mg"));
    EXPECT_TRUE(says_both("1 g daily", "1", "mg"));
    EXPECT_TRUE(says_both("10 mL daily", "10", "mg"));
    EXPECT_TRUE(says_both("10 units daily", "10", "mL"));
    EXPECT_TRUE(says_both("0,5 mg/Tag", "5", "mg"));
    EXPECT_TRUE(says_both("5 mg daily", "5", "tablet"));
    EXPECT_TRUE(says_both("5 mg/kg daily", "5", "mg"));
    EXPECT_TRUE(says_both("1,000 units", "1", "U"));
    EXPECT_FALSE(says_both("0,5 mg/Tag", "0.5", "mg"));
    EXPECT_FALSE(says_both("125 microgram daily", "125", "ug"));
    EXPECT_FALSE(says_both("take 1 tab daily", "1", "TABLET"));
    EXPECT_FALSE(says_both("1,000 IU weekly", "1000", "[IU]"));
    EXPECT_FALSE(says_both("5 mg/kg/day", "5.0", "mg/kg"));
    EXPECT_FALSE(says_both("give 40mg sc.", "40", "mg"));
}

TEST(Dose, CycleAndDayOfADoseGivenStayBesideItsAmount) {
    EXPECT_EQ(dosage_text(*fhir::Json::parse(
                  R"({"dose":{"value":150,"unit":"mg"},"text":"75 mg/m2 SC, cycle 1 day 1"})")),
              "75 mg/m2 SC, cycle 1 day 1 (structured: 150 mg)");
}

TEST(Dose, NothingOfTheStructuredPartIsLostBesideAText) {
    const std::string twice =
        R"("timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d",)"
        R"("boundsDuration":{"value":1,"unit":"week","code":"wk"},"count":14}})";
    const std::string all = twice +
                            R"(,"asNeededBoolean":true,"route":{"text":"Oral"},)"
                            R"("site":{"text":"left cheek"},"doseAndRate":[{"doseQuantity":)"
                            R"({"value":5,"unit":"mg"}}])";
    EXPECT_EQ(dose(R"("text":"5 mg twice daily",)" + all),
              "5 mg twice daily, Oral, for 1 week, 14 times in all, as needed, left cheek");
    EXPECT_EQ(dose(R"("text":"5 mg by mouth twice daily prn for 1 week, 14 times in all",)" + all),
              "5 mg by mouth twice daily prn for 1 week, 14 times in all, left cheek");
    EXPECT_EQ(dose(R"("text":"5 mg as needed","asNeededBoolean":false)"),
              "5 mg as needed (structured: not as needed)");
}

TEST(Dose, EachAmountThatIsGivenIsSaid) {
    EXPECT_EQ(dose(R"("doseAndRate":[{"type":{"text":"ordered"},"doseQuantity":{"value":5,"unit":)"
                   R"("mg/kg"}},{"type":{"text":"calculated"},"doseQuantity":{"value":350,)"
                   R"("unit":"mg"}}])"),
              "5 mg/kg (ordered) or 350 mg (calculated)");
    EXPECT_EQ(dose(R"("doseAndRate":[{"doseRange":{"low":{"value":1,"unit":"tablet"},"high":)"
                   R"({"value":2,"unit":"tablet"}}}])"),
              "1–2 tablet");
    EXPECT_EQ(dose(R"("doseAndRate":[{"doseRange":{"low":{"value":1,"unit":"mg"}}}])"), "≥ 1 mg");
    EXPECT_EQ(dose(R"("doseAndRate":[{"doseRange":{"high":{"value":2}}}])"), "dose ≤ 2");
    EXPECT_EQ(
        dose(R"("doseAndRate":[{"doseQuantity":{"value":1,"unit":"L"},"rateRatio":)"
             R"({"numerator":{"value":100,"unit":"mL"},"denominator":{"value":1,"unit":"h"}}}])"),
        "1 L at 100 mL an hour");
    EXPECT_EQ(dose(R"("doseAndRate":[{"rateRange":{"low":{"value":1,"unit":"mL/h"},"high":)"
                   R"({"value":3,"unit":"mL/h"}}}])"),
              "at 1–3 mL/h");
    EXPECT_EQ(dose(R"("doseAndRate":[{"rateRatio":{"numerator":{"value":5,"unit":"mg"},)"
                   R"("denominator":{"value":1,"unit":"kg"}}}])"),
              "at 5 mg per 1 kg");
}

TEST(Dose, WhatATimingSaysByItsCodeIsSaidBesideItsRepeat) {
    const std::string twice = R"("repeat":{"frequency":2,"period":1,"periodUnit":"d"})";
    const auto said = [&](const std::string& code) {
        return timing_text(*fhir::Json::parse(R"({"code":{)" + code + "}," + twice + "}"));
    };
    EXPECT_EQ(said(R"("text":"days 1-21 of 28")"), "twice a day, days 1-21 of 28");
    EXPECT_EQ(said(R"("text":"BID")"), "twice a day");
    EXPECT_EQ(said(R"("coding":[{"code":"TID"}])"), "twice a day, 3 times a day");
}

TEST(Dose, BoundsLengthsAndOffsetsOfEveryFormAreSaid) {
    EXPECT_EQ(timing(R"("boundsRange":{"low":{"value":3,"unit":"d","code":"d"},"high":)"
                     R"({"value":5,"unit":"d","code":"d"}})"),
              "for 3 to 5 days");
    EXPECT_EQ(timing(R"("boundsRange":{"high":{"value":5,"unit":"weeks"}})"),
              "for at most 5 weeks");
    EXPECT_EQ(timing(R"("boundsPeriod":{"start":"2026-01-05"})"), "from 5 Jan 2026");
    EXPECT_EQ(timing(R"("boundsPeriod":{"end":"2026-01-05"})"), "until 5 Jan 2026");
    EXPECT_EQ(timing(R"("frequencyMax":3,"period":1,"periodUnit":"d")"), "up to 3 times a day");
    EXPECT_EQ(timing(R"("frequency":2,"period":1,"periodUnit":"h")"), "twice an hour");
    EXPECT_EQ(timing(R"("frequency":1,"period":2)"), "every 2 (unit of time not recorded)");
    EXPECT_EQ(timing(R"("duration":1,"durationMax":2,"durationUnit":"h")"), "over 1 to 2 hours");
    EXPECT_EQ(timing(R"("duration":1,"durationUnit":"h")"), "over 1 hour");
    EXPECT_EQ(timing(R"("count":2,"countMax":4)"), "2 to 4 times in all");
    EXPECT_EQ(timing(R"("when":["WAKE"],"offset":1)"), "1 minute after waking");
    EXPECT_EQ(timing(R"("when":["MORN"],"offset":15)"), "15 minutes after the morning");
    EXPECT_EQ(timing(R"("timeOfDay":["08:00:00","20:30:15"])"), "at 08:00, 20:30:15");
}

}  // namespace
}  // namespace consultd
