// What other entries of the record say of a medicine, a problem or an allergy.
#include "adapter/stages/reading/stops.h"

#include "tests/adapter/stages/reading/statement_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

class StopsTest : public StatementTest {};

TEST_F(StopsTest, AStopAfterAnOrderEndsItAndAStopBeforeDoesNot) {
    const auto stopped = [](const std::string& date) {
        return order(R"(,"status":"stopped","intent":"order","authoredOn":")" + date +
                         R"(","statusReason":{"text":"rash"})",
                     "s");
    };
    const std::string active =
        order(R"(,"status":"active","intent":"order","authoredOn":"2015-03")");
    const Statement& ended = say_all({active, stopped("2017-05-02")}).front();
    EXPECT_EQ(ended.standing, Standing::Over);
    // It was ordered on that day; when it was stopped nobody says.
    EXPECT_EQ(ended.aside(), "stopped by a later entry of 2 May 2017: rash");
    EXPECT_TRUE(say_all({active, stopped("2014-05-02")}).front().is_plain());
}

const char* const active_order = R"(,"status":"active","intent":"order","authoredOn":"2025-03")";

// Of the same medicine: what holds of it later.
TEST_F(StopsTest, WhatIsForbiddenNotTakenOrOnHoldLaterIsNotTakenNow) {
    const auto taken = [](const std::string& more) {
        return R"({"resourceType":"MedicationStatement","id":"s","medicationCodeableConcept":)"
               R"({"text":"Sunitinib "},"dateAsserted":"2026-10-05",)" +
               more + "}";
    };
    const Statement& forbidden =
        say_all({order(active_order),
                 order(R"(,"status":"active","intent":"order","doNotPerform":true,)"
                       R"("authoredOn":"2026-01-09","reasonCode":[{"text":"GI bleed"}])",
                       "f")})
            .front();
    EXPECT_EQ(forbidden.aside(), "do not give by a later entry of 9 Jan 2026: GI bleed");
    EXPECT_FALSE(forbidden.places().now);
    const Statement& unused =
        say_all({order(active_order),
                 taken(R"("status":"not-taken","statusReason":[{"text":"never started"}])")})
            .front();
    EXPECT_EQ(unused.aside(), "not taken by a later entry of 5 Oct 2026: never started");
    EXPECT_FALSE(unused.places().now);
    const Statement& held = say_all({order(active_order), taken(R"("status":"on-hold")")}).front();
    EXPECT_EQ(held.standing, Standing::OnHold);
    EXPECT_EQ(held.words, "on hold by a later entry of 5 Oct 2026");
}

TEST_F(StopsTest, WhereNobodyKnowsWhichCameFirstTheStopStandsBesideTheOrder) {
    const auto stopped = [](const std::string& more) {
        return order(
            R"(,"status":"stopped","intent":"order","statusReason":{"text":"rash"})" + more, "s");
    };
    const Statement& undated = say_all({order(active_order), stopped("")}).front();
    EXPECT_EQ(undated.aside(), "stopped by another entry without a date: rash");
    EXPECT_TRUE(undated.places().now);
    EXPECT_EQ(
        say_all({order(active_order), stopped(R"(,"authoredOn":"2025-03-02")")}).front().aside(),
        "stopped by another entry of 2 Mar 2025, which is newer is not known: rash");
    EXPECT_FALSE(say_all({order(R"(,"status":"active","intent":"order")"),
                          stopped(R"(,"authoredOn":"2025-03-02")")})
                     .front()
                     .is_plain());
}

TEST_F(StopsTest, ADoseOrABoxThatWasStoppedStandsBesideTheOrderAndDoesNotEndIt) {
    const Statement& one =
        say_all({order(active_order),
                 R"({"resourceType":"MedicationAdministration","id":"a","status":"stopped",
                     "medicationCodeableConcept":{"text":"sunitinib"},"statusReason":[{"text":
                     "anaphylaxis"}],"effectiveDateTime":"2026-05-05"})"})
            .front();
    EXPECT_EQ(one.aside(), "a dose stopped by a later entry of 5 May 2026: anaphylaxis");
    EXPECT_TRUE(one.places().now);
}

TEST_F(StopsTest, AStopOfTheIngredientStandsBesideTheProduct) {
    const auto beside = [&](const std::string& product, const std::string& stopped) {
        return say_all({R"({"resourceType":"MedicationRequest","id":"m","status":"active",)"
                        R"("intent":"order","authoredOn":"2019-01-01",)" +
                            product + "}",
                        R"({"resourceType":"MedicationStatement","id":"s","status":"stopped",)"
                        R"("effectivePeriod":{"end":"2024-06-01"},)"
                        R"("medicationCodeableConcept":)" +
                            stopped + "}"})
            .front()
            .words;
    };
    const std::string lisinopril =
        R"("medicationCodeableConcept":{"text":"Lisinopril 10 MG Oral Tablet"})";
    EXPECT_EQ(beside(lisinopril, R"({"text":"lisinopril"})"),
              "“lisinopril” stopped 1 Jun 2024 by a later entry");
    EXPECT_EQ(beside(lisinopril, R"({"text":"lisin"})"), "");
    const std::string contained =
        R"("contained":[{"resourceType":"Medication","id":"x","ingredient":[{)"
        R"("itemCodeableConcept":{"coding":[{"system":"s","code":"29046"}]}}]}],)"
        R"("medicationReference":{"reference":"#x","display":"Zestril"})";
    EXPECT_EQ(beside(contained, R"({"text":"ACE","coding":[{"system":"s","code":"29046"}]})"),
              "“ACE” stopped 1 Jun 2024 by a later entry");
}

TEST_F(StopsTest, AProblemThatAnotherEntryCallsOverOrRefutedIsNotToldWithoutThat) {
    const auto gout = [](const std::string& id, const std::string& status, const std::string& code,
                         const std::string& more) {
        return R"({"resourceType":"Condition","id":")" + id + R"(","code":{"text":"Gout"},")" +
               status + R"(":{"coding":[{"code":")" + code + R"("}]})" + more + "}";
    };
    const std::string active =
        gout("c", "clinicalStatus", "active", R"(,"onsetDateTime":"2010-05-01")");
    const auto beside = [&](const std::string& other) {
        return say_all({active, other}).front().words;
    };
    EXPECT_EQ(
        beside(gout("d", "clinicalStatus", "resolved", R"(,"abatementDateTime":"2024-02-03")")),
        "resolved, until 3 Feb 2024 by a later entry");
    EXPECT_EQ(beside(gout("d", "verificationStatus", "refuted", "")),
              "refuted by another entry without a date");
    // One that was over before it began anew.
    EXPECT_EQ(
        beside(gout("d", "clinicalStatus", "resolved", R"(,"abatementDateTime":"2004-02-03")")),
        "");
}

TEST_F(StopsTest, ACourseThatWasCompletedEndsNoOtherOrder) {
    EXPECT_TRUE(
        say_all({order(R"(,"status":"active","intent":"order","authoredOn":"2015-03-01")"),
                 order(R"(,"status":"completed","intent":"order","authoredOn":"2020-01-01")", "c")})
            .front()
            .is_plain());
}

}  // namespace
}  // namespace consultd
