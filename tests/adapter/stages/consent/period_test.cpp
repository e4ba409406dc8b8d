// Rules by the time of what a resource says: all that is dated inside it is of its own day.
#include "consent_fixture.h"

namespace consultd::testing {
namespace {

const std::string may_2024 = R"("dataPeriod":{"start":"2024-05-01","end":"2024-05-31"})";

class PeriodTest : public ConsentTest {
protected:
    static std::string observation(const std::string& more) {
        return R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Sodium"},"effectiveDateTime":"2023-01-01",)" +
               more + "}";
    }
};

TEST_F(PeriodTest, WhatIsDatedInsideADeniedPeriodGoesWithIt) {
    const std::string inside[] = {
        observation(R"("note":[{"time":"2024-05-05","text":"x"}])"),
        observation(R"("extension":[{"url":"urn:seen","valueDateTime":"2024-05-05"}])"),
        observation(R"("valueDateTime":"2024-05-05")"),
        R"({"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"period":{"start":"2023-01-01","end":"2023-01-02"},"location":[{"location":{"display":"Ward"},"period":{"start":"2024-04-01","end":"2024-07-01"}}]})",
        R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","authoredOn":"2023-01-01","medicationCodeableConcept":{"text":"Tablet"},"dosageInstruction":[{"timing":{"repeat":{"boundsPeriod":{"start":"2024-04-01","end":"2024-07-01"}}}}]})"};
    for (const std::string& text : inside) EXPECT_EQ(outcome(all_but(may_2024), text), "period");
    const std::string outside[] = {
        observation(R"("note":[{"time":"2024-07-05","text":"x"}])"),
        observation(R"("meta":{"lastUpdated":"2024-05-05T00:00:00Z"})"),
        observation(R"("identifier":[{"value":"7","period":{"start":"2024-05-05"}}])"),
        R"({"resourceType":"Immunization","id":"i","status":"completed","vaccineCode":{"text":"x"},"occurrenceDateTime":"2023-01-01","expirationDate":"2024-05-05"})"};
    for (const std::string& text : outside) EXPECT_EQ(outcome(all_but(may_2024), text), "") << text;
}

// Without a time of its own it stays undecided, whatever is dated inside it.
TEST_F(PeriodTest, AnInnerDateDoesNotStandForTheTimeOfTheWhole) {
    const auto condition = [](const std::string& time) {
        return R"({"resourceType":"Condition","id":"c","code":{"text":"Knee pain"},"note":[{"time":")" +
               time + R"(","text":"x"}]})";
    };
    EXPECT_EQ(outcome(all_but(may_2024), condition("2023-07-05")), "undecidable");
    EXPECT_EQ(outcome(all_but(may_2024), condition("2024-05-05")), "period");
}

TEST_F(PeriodTest, APermittedPeriodDoesNotReachANoteOfAnotherDay) {
    const fhir::Json asked =
        nothing_but(R"("dataPeriod":{"start":"2023-01-01","end":"2023-12-31"})");
    const auto noted = [](const std::string& time) {
        return R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"Sodium"},"effectiveDateTime":"2023-02-01","note":[{"time":")" +
               time + R"(","text":"x"}]})";
    };
    EXPECT_EQ(outcome(asked, noted("2023-05-05")), "");
    EXPECT_EQ(outcome(asked, noted("2024-05-05")), "period");
}

}  // namespace
}  // namespace consultd::testing
