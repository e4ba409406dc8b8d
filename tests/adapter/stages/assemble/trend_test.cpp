// What may be drawn together, and what must not.
#include "adapter/stages/assemble/trend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapter/stages/assemble/trend_chart.h"
#include "tests/adapter/stages/assemble/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class TrendTest : public ::testing::Test {
protected:
    // Newest first, as a page has them.
    void add(const std::string& date, const std::string& members) {
        const std::string id = std::to_string(resources_.size());
        resources_.push_back(
            {"Observation/" + id, url_of(id),
             resource_of(R"({"resourceType":"Observation","id":")" + id +
                         R"(","effectiveDateTime":")" + date + "\"," + members + "}")});
    }
    void add_value(const std::string& date, const std::string& value,
                   const std::string& more = R"("unit":"g/dL")") {
        add(date, R"("valueQuantity":{"value":)" + value + "," + more + "}");
    }
    Trend trend() {
        std::vector<const PacketResource*> values;
        for (const PacketResource& one : resources_) values.push_back(&one);
        return trend_of(values, PacketIndex(resources_));
    }
    std::vector<std::string> reasons() {
        std::vector<std::string> out;
        for (const Trend::Listed& one : trend().listed) out.emplace_back(one.reason.view());
        return out;
    }
    std::vector<PacketResource> resources_;
};

TEST_F(TrendTest, ValuesOfOneUnitAreOneRunInTheOrderOfTime) {
    add_value("2026-03-01", "9.5");
    add_value("2026-01-01", "10.25");
    add_value("2026-02-01", "8");
    const Trend found = trend();
    ASSERT_EQ(found.runs.size(), 1U);
    EXPECT_EQ(found.decimals, 2);
    std::vector<std::int64_t> values;
    for (const TrendPoint& point : found.runs[0].points) values.push_back(point.value);
    EXPECT_THAT(values, ElementsAre(1025, 800, 950));
    EXPECT_THAT(found.listed, IsEmpty());
}

// 88 umol/L and 1.0 mg/dL are the same creatinine: a line between them would be a fall by a
// hundred.
TEST_F(TrendTest, TwoUnitsNeverStandInOneRun) {
    add_value("2026-03-01", "88",
              R"("unit":"umol/L","system":"http://unitsofmeasure.org","code":"umol/L")");
    add_value("2026-02-01", "1.0",
              R"("unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL")");
    add_value("2026-01-01", "1.1",
              R"("unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL")");
    ASSERT_EQ(trend().runs.size(), 2U);
    EXPECT_EQ(trend().runs[0].points.size(), 2U);
    EXPECT_EQ(trend().runs[1].unit, "umol/L");
}

// "10*9/L" is a code; "K/uL" says nothing of being the same.
TEST_F(TrendTest, UnitsAreComparedByCodeAndSystemAndOnlyElseByTheirWords) {
    add_value("2026-03-01", "5",
              R"("unit":"g per dL","system":"http://unitsofmeasure.org","code":"g/dL")");
    add_value("2026-02-01", "5",
              R"("unit":"g/dL","system":"http://unitsofmeasure.org","code":"g/dL")");
    EXPECT_EQ(trend().runs.size(), 1U);
    add_value("2026-01-01", "5", R"("unit":"g/dL")");
    EXPECT_EQ(trend().runs.size(), 2U);
}

TEST_F(TrendTest, AnotherMethodOrLaboratoryBeginsARunOfItsOwn) {
    const std::string value = R"("valueQuantity":{"value":5,"unit":"g/dL"})";
    add("2026-03-01", value + R"(,"method":{"text":"Jaffe"})");
    add("2026-02-01", value + R"(,"method":{"text":"enzymatic"})");
    add("2026-01-01", value + R"(,"method":{"text":"enzymatic"},
        "contained":[{"resourceType":"Organization","id":"l","name":"Main Street"}],
        "performer":[{"reference":"#l"}])");
    EXPECT_EQ(trend().runs.size(), 3U);
}

TEST_F(TrendTest, WhatCannotBeDrawnTruthfullyIsListedWithItsReason) {
    add("2026-01-09", R"("valueString":"hemolyzed")");
    add("2026-01-08", R"("valueQuantity":{"value":5,"comparator":"<","unit":"g/dL"})");
    add("2026-01-07", R"("valueQuantity":{"value":5})");
    add("2026-01-06", R"("dataAbsentReason":{"text":"lost"})");
    add_value("2026-01-05", "1e30");
    add_value("2026-01-04", "123456789012345678");
    resources_.push_back(
        {"Observation/x", url_of("x"), resource_of(R"({"resourceType":"Observation","id":"x",
                              "valueQuantity":{"value":5,"unit":"g/dL"}})")});
    EXPECT_THAT(
        reasons(),
        ElementsAre("text, not a number", "a bound, not a value", "no unit given", "no value",
                    "too large a number to be drawn", "too large a number to be drawn", "no date"));
    EXPECT_EQ(trend().points(), 0U);
}

TEST_F(TrendTest, ADateWithoutADayCoversAllTheDaysItCanMean) {
    add_value("2026-02", "5");
    const TrendPoint point = trend().runs.at(0).points.at(0);
    EXPECT_EQ(point.last_day - point.day, 27);
}

TEST_F(TrendTest, TheRangeIsTheLaboratorysOwnInTheSameUnit) {
    const auto ranged = [](const std::string& unit, const std::string& type = "") {
        return R"("valueQuantity":{"value":702,"unit":"U/L"},"referenceRange":[{"low":{"value":313,"unit":")" +
               unit + R"("},"high":{"value":618.0,"unit":")" + unit + R"("})" + type + "}]";
    };
    add("2026-03-01", ranged("U/L"));
    add("2026-02-01", ranged("ukat/L"));
    add("2026-01-01", ranged("U/L", R"(,"type":{"coding":[{"code":"treatment"}]})"));
    const std::vector<TrendPoint> points = trend().runs.at(0).points;
    EXPECT_FALSE(points[0].high);
    EXPECT_FALSE(points[1].high);
    EXPECT_EQ(points[1].place, ValuePlace::NotSaid);
    EXPECT_EQ(points[2].high, 6180);
    EXPECT_EQ(points[2].place, ValuePlace::Above);
    EXPECT_EQ(value_flag(resources_[0].resource.json()).words, "above 618.0");
}

TEST_F(TrendTest, TheLaboratorysFlagStandsWhereNoRangeIsGiven) {
    const auto flagged = [](const std::string& code) {
        return value_flag(
            resource_of(R"({"resourceType":"Observation","interpretation":[{"coding":[{
            "system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":")" +
                        code + R"("}]}],"valueQuantity":{"value":5,"unit":"g/dL"}})")
                .json());
    };
    EXPECT_EQ(flagged("LL").place, ValuePlace::Below);
    EXPECT_EQ(flagged("LL").words, "critically low");
    EXPECT_EQ(flagged("N").place, ValuePlace::Within);
    EXPECT_EQ(flagged("nothing").place, ValuePlace::NotSaid);
}

TEST_F(TrendTest, TheDrawingIsInWholeNumbersAndSaysWhatItShows) {
    add_value("2026-03-01", "9.5");
    add_value("2026-02-01", "8");
    add_value("2025-01-01", "88", R"("unit":"g/L")");
    const Trend found = trend();
    HtmlWriter out;
    write_trend_chart(out, found, {20089, 20513}, "a <sentence>");
    const std::string svg = std::move(out).take();
    EXPECT_THAT(svg, HasSubstr("role=\"img\" aria-label=\"a &lt;sentence&gt;\""));
    EXPECT_THAT(svg, HasSubstr("class=\"brk\""));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("e+")));
}

}  // namespace
}  // namespace consultd
