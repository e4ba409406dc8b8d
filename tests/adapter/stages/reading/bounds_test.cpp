// Medicines that begin later or are over by what their own instructions say.
#include "adapter/stages/reading/bounds.h"

#include "tests/adapter/stages/reading/statement_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

class BoundsTest : public StatementTest {
protected:
    const Statement& ordered(const std::string& dosage, const std::string& more = "") {
        return say(order(R"(,"status":"active","intent":"order","authoredOn":"2025-02-01",)"
                         R"("dosageInstruction":[)" +
                         dosage + "]" + more));
    }
};

TEST_F(BoundsTest, ACourseThatIsPastByItsOwnLengthCountOrDatesIsNotNow) {
    for (const char* timing :
         {R"({"repeat":{"boundsDuration":{"value":7,"unit":"days","code":"d"}}})",
          R"({"repeat":{"boundsRange":{"high":{"value":2,"unit":"wk"}}}})",
          R"({"repeat":{"count":14,"frequency":2,"period":1,"periodUnit":"d"}})"}) {
        const Statement& one = ordered(R"({"timing":)" + std::string(timing) + "}");
        EXPECT_EQ(one.words, "for a time that is past") << timing;
        EXPECT_FALSE(one.places().now) << timing;
    }
    EXPECT_EQ(ordered(R"({"timing":{"event":["2025-02-01","2025-02-02"]}})").words,
              "ended, last due 2 Feb 2025");
    EXPECT_EQ(
        ordered(R"({"timing":{"repeat":{"boundsPeriod":{"start":"2025-02-03","end":"2025-03"}}}})")
            .words,
        "ended Mar 2025");
}

TEST_F(BoundsTest, WhatMayStillRunIsNotOver) {
    const std::string week =
        R"({"timing":{"repeat":{"boundsDuration":{"value":7,"unit":"d","code":"d"}}}})";
    EXPECT_TRUE(ordered(week, R"(,"dispenseRequest":{"numberOfRepeatsAllowed":200})").is_plain());
    EXPECT_TRUE(ordered(week + R"(,{"text":"then 5 mg daily"})").is_plain());
    EXPECT_TRUE(ordered(R"({"asNeededBoolean":true,"timing":{"repeat":{"count":14,"frequency":2,)"
                        R"("period":1,"periodUnit":"d"}}})")
                    .is_plain());
    EXPECT_TRUE(ordered(R"({"timing":{"repeat":{"count":14}}})").is_plain());
    EXPECT_TRUE(
        ordered(R"({"timing":{"repeat":{"boundsDuration":{"value":9,"code":"a"}}}})").is_plain());
}

TEST_F(BoundsTest, WhatBeginsLaterIsPlanned) {
    const auto starts = [&](const std::string& timing) {
        const Statement& one = ordered(R"({"timing":)" + timing + "}");
        EXPECT_FALSE(one.places().now) << timing;
        return one.words;
    };
    EXPECT_EQ(starts(R"({"repeat":{"boundsPeriod":{"start":"2031-01-10"}}})"),
              "starts 10 Jan 2031");
    EXPECT_EQ(starts(R"({"event":["2031-01-10"]})"), "starts 10 Jan 2031");
    EXPECT_EQ(
        ordered("{}", R"(,"dispenseRequest":{"validityPeriod":{"start":"2031-01-10"}})").words,
        "planned, valid from 10 Jan 2031");
    EXPECT_EQ(say(order(R"(,"status":"active","intent":"order","authoredOn":"2031-01-10")")).words,
              "planned, ordered for a day to come");
}

TEST_F(BoundsTest, TheDayOfAnOrderAndOfAStartAreNotTheDayOfAnEnd) {
    EXPECT_EQ(when_text(say(order(R"(,"status":"stopped","authoredOn":"2026-02-15")")).when),
              "ordered 15 Feb 2026");
    EXPECT_EQ(when_text(say(R"({"resourceType":"MedicationStatement","id":"s","status":)"
                            R"("completed","effectivePeriod":{"start":"2020-01-01"}})")
                            .when),
              "end not recorded, since 1 Jan 2020");
}

}  // namespace
}  // namespace consultd
