// Trends: which numbers are drawn, in which unit, what a line may join; the rest is listed with its
// reason.
#include "adapter/stages/reading/trend.h"

#include <gtest/gtest.h>

#include "adapter/stages/page/packet_page.h"
#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

class TrendTest : public ::testing::Test {
protected:
    // A hemoglobin of that day; `more` is further content, with its comma.
    void add(const std::string& date, const std::string& quantity, const std::string& more = "") {
        texts_.push_back(R"({"resourceType":"Observation","id":"o)" +
                         std::to_string(texts_.size()) +
                         R"(","status":"final","code":{"coding":[{"system":"http://loinc.org",)"
                         R"("code":"718-7","display":"Hemoglobin"}]},"effectiveDateTime":")" +
                         date + R"(")" +
                         (quantity.empty() ? "" : R"(,"valueQuantity":)" + quantity) + more + "}");
    }
    void add_g_dl(const std::string& date, const std::string& number,
                  const std::string& more = "") {
        add(date, R"({"value":)" + number + R"(,"unit":"g/dL"})", more);
    }
    void add_g_l(const std::string& date, const std::string& number) {
        add(date, R"({"value":)" + number + R"(,"unit":"g/L"})");
    }

    const Trends& trends() {
        input_ = packet_input(texts_);
        reading_.emplace(input_.resources, input_.patient, input_.request.as_of);
        std::vector<const Statement*> values;
        for (const Statement& one : reading_->all())
            if (one.resource().type() == "Observation") values.push_back(&one);
        sort_newest_first(values);
        trends_ = trends_of(values, reading_->index());
        return trends_;
    }
    std::string page() {
        texts_.push_back(R"({"resourceType":"Patient","id":"p"})");
        for (std::string& text : texts_)
            if (text.find("718-7") != std::string::npos)
                text.insert(text.size() - 1, R"(,"category":[{"coding":[{"code":"laboratory"}]}])");
        return assemble(packet_input(texts_), knowledge())->html;
    }

    static std::string reason_of(const Trends& trends) {
        return trends.listed.size() == 1 ? std::string(trends.listed[0].reason.view()) : "";
    }

    std::vector<std::string> texts_;
    PacketInput input_;
    std::optional<Reading> reading_;
    Trends trends_;
};

constexpr const char* normal_range =
    R"(,"referenceRange":[{"low":{"value":12.0,"unit":"g/dL"},"high":{"value":16.0,"unit":"g/dL"}}])";

TEST_F(TrendTest, NumbersStandInTheOrderOfTimeAndDigitsCount) {
    add_g_dl("2026-03-01", "9.50");
    add_g_dl("2026-01-01", "11");
    add_g_dl("2026-02-01", "-0.5");
    const Trends& found = trends();
    ASSERT_EQ(found.drawn.size(), 1U);
    const auto& points = found.drawn[0].runs.at(0).points;
    ASSERT_EQ(points.size(), 3U);
    EXPECT_EQ(points[0].value, 1100);
    EXPECT_EQ(points[1].value, -50);
    EXPECT_EQ(points[2].value, 950);
    EXPECT_EQ(points[1].day - points[0].day, 31);
    EXPECT_TRUE(found.listed.empty());
}

TEST_F(TrendTest, TwoNumbersAreNoTrend) {
    add_g_dl("2026-01-01", "11");
    add_g_dl("2026-02-01", "12");
    EXPECT_TRUE(trends().drawn.empty());
    EXPECT_EQ(page().find("<figure>"), std::string::npos);
}

TEST_F(TrendTest, TwoUnitsNeverShareATrend) {
    for (const char* day : {"01", "03", "05"}) add_g_dl("2026-01-" + std::string(day), "11");
    for (const char* day : {"02", "04", "06"}) add_g_l("2026-01-" + std::string(day), "110");
    const Trends& found = trends();
    ASSERT_EQ(found.drawn.size(), 2U);
    EXPECT_EQ(found.drawn[0].unit, "g/L");  // that of the newest value
    EXPECT_EQ(found.drawn[1].unit, "g/dL");
    for (const Trend& trend : found.drawn) EXPECT_EQ(trend.points(), 3U);
}

TEST_F(TrendTest, TheSameWordForTwoCodedUnitsIsTwoUnits) {
    const auto add_coded = [&](const std::string& date, const std::string& code) {
        add(date, R"({"value":11,"unit":"g","system":"http://unitsofmeasure.org","code":")" + code +
                      R"("})");
    };
    for (const char* day : {"01", "02", "03"}) add_coded("2026-01-" + std::string(day), "g/dL");
    for (const char* day : {"04", "05", "06"}) add_coded("2026-01-" + std::string(day), "g/L");
    EXPECT_EQ(trends().drawn.size(), 2U);
}

// "g per dL" coded as g/dL is g/dL; what has words alone is not known to be the same.
TEST_F(TrendTest, UnitsAreComparedByCodeAndOnlyElseByTheirWords) {
    for (const char* word : {"g/dL", "g per dL", "gram/dL"})
        add("2026-01-01", R"({"value":11,"unit":")" + std::string(word) +
                              R"(","system":"http://unitsofmeasure.org","code":"g/dL"})");
    for (const char* day : {"02", "03", "04"}) add_g_dl("2026-01-" + std::string(day), "11");
    const Trends& found = trends();
    ASSERT_EQ(found.drawn.size(), 2U);
    EXPECT_EQ(found.drawn[1].points(), 3U);
}

TEST_F(TrendTest, AValueWithoutADateIsListed) {
    for (const char* day : {"01", "02", "03"}) add_g_dl("2026-01-" + std::string(day), "11");
    add_g_dl("", "12");
    EXPECT_EQ(reason_of(trends()), "no date");
    EXPECT_EQ(trends().drawn.at(0).points(), 3U);
}

TEST_F(TrendTest, TheOneValueOfAnotherUnitIsListedAndThePanelSaysSo) {
    for (const char* day : {"01", "02", "03"}) add_g_dl("2026-01-" + std::string(day), "11");
    add_g_l("2026-01-04", "110");
    const Trends& found = trends();
    ASSERT_EQ(found.drawn.size(), 1U);
    EXPECT_EQ(found.drawn[0].points(), 3U);
    EXPECT_EQ(reason_of(found), "too few results in this unit");
    const std::string html = page();
    EXPECT_NE(html.find("1 result of it not in this drawing"), std::string::npos);
    EXPECT_NE(html.find("Newest of all, not in this drawing: <bdi>110 g/L</bdi>"),
              std::string::npos);
    EXPECT_NE(html.find("Listed, not drawn"), std::string::npos);
}

TEST_F(TrendTest, AnotherMethodOrLaboratoryBeginsAnotherRun) {
    add_g_dl("2026-01-01", "11", R"(,"method":{"text":"A"})");
    add_g_dl("2026-01-02", "11", R"(,"method":{"text":"A"})");
    add_g_dl("2026-01-03", "11", R"(,"method":{"text":"B"})");
    const Trends& found = trends();
    ASSERT_EQ(found.drawn.size(), 1U);
    ASSERT_EQ(found.drawn[0].runs.size(), 2U);
    EXPECT_EQ(found.drawn[0].runs[1].method, "B");
    EXPECT_NE(page().find("method A → B"), std::string::npos);
    texts_.clear();
    for (const char* day : {"2026-01-01", "2026-01-02", "2026-01-03"}) add_g_dl(day, "11");
    texts_.back().replace(texts_.back().find("Hemoglobin"), 10, "Hemoglobin (POC)");
    ASSERT_EQ(trends().drawn.size(), 1U);
    EXPECT_EQ(trends().drawn[0].runs.size(), 2U);
    EXPECT_NE(page().find("name Hemoglobin → Hemoglobin (POC)"), std::string::npos);
}

// Each number from a laboratory of its own: nothing that could be compared, so no drawing.
TEST_F(TrendTest, NothingIsDrawnWhereNoTwoNumbersMayBeCompared) {
    for (const char* method : {"A", "B", "C"})
        add_g_dl("2026-01-01", "11", R"(,"method":{"text":")" + std::string(method) + R"("})");
    const Trends& found = trends();
    EXPECT_TRUE(found.drawn.empty());
    EXPECT_EQ(found.listed.size(), 3U);
}

TEST_F(TrendTest, NoLineIsDrawnWhereMethodsChangeToAndFro) {
    for (int day = 10; day < 24; ++day)
        add_g_dl("2026-01-" + std::to_string(day), "11",
                 day / 2 % 2 == 0 ? R"(,"method":{"text":"A"})" : R"(,"method":{"text":"B"})");
    EXPECT_FALSE(trends().drawn.at(0).is_joined());
    const std::string html = page();
    EXPECT_NE(html.find("no line is drawn"), std::string::npos);
    EXPECT_EQ(html.find("<polyline"), std::string::npos);
    EXPECT_EQ(html.find("Double line before"), std::string::npos);
}

TEST_F(TrendTest, ADateWithoutADaySpansItsMonthAndNoLineJoinsIt) {
    add_g_dl("2026-01-15", "11");
    add_g_dl("2026-02", "12");
    add_g_dl("2026-03-15", "13");
    const Trends& found = trends();
    ASSERT_EQ(found.drawn.size(), 1U);
    const TrendPoint& vague = found.drawn[0].runs.at(0).points.at(1);
    EXPECT_EQ(vague.last_day - vague.day, 27);
    const std::string html = page();
    EXPECT_NE(html.find("class=\"vague\""), std::string::npos);
    EXPECT_NE(html.find("date without a day"), std::string::npos);
    const std::string line = html.substr(html.find("<polyline"), 200);
    const std::string numbers = line.substr(0, line.find("/>"));
    EXPECT_EQ(std::count(numbers.begin(), numbers.end(), ','), 2);
}

TEST_F(TrendTest, TheDayIsThatOfTheClockWhereTheSampleWasTaken) {
    add_g_dl("2026-01-01T23:30:00-05:00", "11");
    add_g_dl("2026-01-01T00:30:00+09:00", "11");
    add_g_dl("2026-01-01", "11");
    const auto& points = trends().drawn.at(0).runs.at(0).points;
    EXPECT_EQ(points.front().day, points.back().day);
}

struct ListedCase {
    const char *name, *quantity, *more, *reason;
};
class TrendListed : public TrendTest, public ::testing::WithParamInterface<ListedCase> {};

TEST_P(TrendListed, WhatCannotBeDrawnTruthfullyIsListed) {
    for (const char* day : {"01", "02", "03"}) add_g_dl("2026-01-" + std::string(day), "11");
    add("2026-01-04", GetParam().quantity, GetParam().more);
    const Trends& found = trends();
    EXPECT_EQ(found.drawn.at(0).points(), 3U);
    EXPECT_EQ(reason_of(found), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, TrendListed,
    ::testing::Values(ListedCase{"Bound", R"({"value":5,"comparator":"<","unit":"g/dL"})", "",
                                 "a bound, not a value"},
                      ListedCase{"NoUnit", R"({"value":5})", "", "no unit given"},
                      ListedCase{"Text", "", R"(,"valueString":"hemolyzed")", "text, not a number"},
                      ListedCase{"Absent", "",
                                 R"(,"dataAbsentReason":{"coding":[{"code":"not-performed"}]})",
                                 "no value"},
                      ListedCase{"Exponent", R"({"value":1e3,"unit":"g/dL"})", "",
                                 "too large a number, or one with an exponent"},
                      ListedCase{"Large",
                                 R"({"value":123456789012345678901234567890,"unit":"g/dL"})", "",
                                 "too large a number, or one with an exponent"},
                      ListedCase{"OtherUnit", R"({"value":110,"unit":"g/L"})", "",
                                 "too few results in this unit"}),
    [](const auto& one) { return one.param.name; });

TEST_F(TrendTest, TheRangeIsTheOneGivenForThatResultInItsUnit) {
    add_g_dl("2026-01-01", "11.0", normal_range);
    add_g_dl("2026-01-02", "17.0", normal_range);
    add_g_dl("2026-01-03", "12.0",
             R"(,"referenceRange":[{"low":{"value":120,"unit":"g/L"}}])");  // never compared
    const auto& points = trends().drawn.at(0).runs.at(0).points;
    EXPECT_EQ(points[0].low, 120);
    EXPECT_EQ(points[0].high, 160);
    EXPECT_EQ(points[0].place, ValuePlace::Below);
    EXPECT_EQ(points[1].place, ValuePlace::Above);
    EXPECT_FALSE(points[2].low);
    EXPECT_EQ(points[2].place, ValuePlace::NotSaid);
}

// A range for pregnancy beside the normal one, or a therapeutic range, is no band.
TEST_F(TrendTest, SeveralRangesOrAnotherKindOfRangeAreNoBand) {
    const std::string other =
        R"(,"referenceRange":[{"type":{"coding":[{"code":"therapeutic"}]},"high":{"value":9,"unit":"g/dL"}}])";
    const std::string two =
        R"(,"referenceRange":[{"high":{"value":9,"unit":"g/dL"}},{"high":{"value":10,"unit":"g/dL"}}])";
    add_g_dl("2026-01-01", "11", other);
    add_g_dl("2026-01-02", "11", two);
    add_g_dl("2026-01-03", "11");
    for (const TrendPoint& point : trends().drawn.at(0).runs.at(0).points) {
        EXPECT_FALSE(point.high);
        EXPECT_EQ(point.place, ValuePlace::NotSaid);
    }
    EXPECT_EQ(page().find("class=\"band\""), std::string::npos);
}

TEST_F(TrendTest, TheDrawingNamesItsUnitItsExtremesAndSaysItsSentence) {
    add_g_dl("2026-01-01", "11.0", normal_range);
    add_g_dl("2026-01-02", "17.10", normal_range);
    add_g_dl("2026-01-03", "12.0", normal_range);
    const std::string html = page();
    EXPECT_NE(html.find("aria-label=\"Hemoglobin: 3 results, 1 Jan 2026 to 3 Jan 2026; newest "
                        "12.0 g/dL, within 12.0–16.0 g/dL\""),
              std::string::npos);
    EXPECT_NE(html.find(">g/dL</text>"), std::string::npos);
    EXPECT_NE(html.find(">17.10</text>"), std::string::npos);
    EXPECT_NE(html.find(">11.0</text>"), std::string::npos);
}

// The table has all the digits; what stands at the axis must not reach into the next drawing.
TEST_F(TrendTest, ALongNumberAtTheAxisIsCutAfterItsPointNeverRounded) {
    const char* range =
        R"(,"referenceRange":[{"low":{"value":12.000000001,"unit":"g/dL"},"high":{"value":16000000,"unit":"g/dL"}}])";
    add_g_dl("2026-01-01", "9.999999999999", range);
    add_g_dl("2026-01-02", "12345678", range);
    add_g_dl("2026-01-03", "12.10", range);
    const std::string html = page();
    const std::string drawing = html.substr(html.find("<svg viewBox=\"0 0 272 112\""));
    const auto has = [&](const char* label) {
        return drawing.substr(0, drawing.find("</svg>")).find(label) != std::string::npos;
    };
    EXPECT_TRUE(has(">9.999…</text>"));
    EXPECT_TRUE(has(">…</text>")) << "digits before the point are not cut";
    EXPECT_TRUE(has(">12.00…")) << "a bound of the range";
    EXPECT_FALSE(has("123456")) << "a part of a size";
    EXPECT_NE(html.find("9.999999999999"), std::string::npos);
}

// The bound that was crossed took the place of what the laboratory itself said of the value.
TEST_F(TrendTest, ALaboratorysOwnFlagStandsBesideTheBoundThatSaysOtherwise) {
    const auto words = [](const std::string& code, const char* value) {
        const fhir::Resource one = resource_of(
            R"({"resourceType":"Observation","interpretation":[{"coding":[{"code":")" + code +
            R"("}]}],"referenceRange":[{"low":{"value":3,"unit":"g/dL"},"high":{"value":5,)"
            R"("unit":"g/dL"}}],"valueQuantity":{"value":)" +
            value + R"(,"unit":"g/dL"}})");
        return value_flag(one.json()).words;
    };
    EXPECT_EQ(words("N", "2"), "below 3, flagged normal");
    EXPECT_EQ(words("H", "2"), "below 3, flagged high");
    EXPECT_EQ(words("L", "2"), "below 3");
    EXPECT_EQ(words("LL", "2"), "below 3, critically low");
    EXPECT_EQ(words("N", "6"), "above 5, flagged normal");
    EXPECT_EQ(words("H", "4"), "high");
    EXPECT_EQ(words("POS", "2"), "below 3");
}

TEST_F(TrendTest, ALaboratorysOwnFlagIsSaidWhereNoRangeDecides) {
    const auto flag = [&](const std::string& code) {
        const std::string text =
            R"({"resourceType":"Observation","interpretation":[{"coding":[{"code":")" + code +
            R"("}]}],"valueQuantity":{"value":3,"unit":"g/dL"}})";
        const fhir::Resource one = resource_of(text);
        return value_flag(one.json());
    };
    EXPECT_EQ(flag("HH").words, "critically high");
    EXPECT_EQ(flag("L").place, ValuePlace::Below);
    EXPECT_EQ(flag("A").place, ValuePlace::Abnormal);
    EXPECT_EQ(flag("N").place, ValuePlace::Within);
    EXPECT_EQ(flag("POS").place, ValuePlace::NotSaid);
}

}  // namespace
}  // namespace consultd
