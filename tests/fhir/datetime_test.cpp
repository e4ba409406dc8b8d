#include "fhir/datetime.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

Datetime datetime(std::string_view text) {
    const auto parsed = Datetime::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(Datetime());
}

struct Span {
    const char* text;
    Datetime::Precision precision;
    const char* earliest;
    const char* latest;
};

TEST(DatetimeTest, MeansAllInstantsThatItsTextCanMean) {
    using enum Datetime::Precision;
    const Span spans[] = {
        {"2023", Year, "2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z"},
        {"2023-12", Month, "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z"},
        {"2024-02-29", Day, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
        {"2023-05-01T10:00:00+02:00", Second, "2023-05-01T08:00:00Z", "2023-05-01T08:00:01Z"},
        {"2023-05-01T10:00:00.5Z", Fraction, "2023-05-01T10:00:00.5Z", "2023-05-01T10:00:00.6Z"},
        {"2023-05-01T10:00:00.25Z", Fraction, "2023-05-01T10:00:00.25Z", "2023-05-01T10:00:00.26Z"},
        {"2023-05-01T10:00:00.123456-14:00", Fraction, "2023-05-02T00:00:00.123Z",
         "2023-05-02T00:00:00.124Z"},
        {"2016-12-31T23:59:60Z", Second, "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"},
        {"9999-12-30", Day, "9999-12-30T00:00:00Z", "9999-12-31T00:00:00Z"},
    };
    for (const Span& span : spans) {
        const Datetime parsed = datetime(span.text);
        EXPECT_EQ(parsed.text(), span.text);
        EXPECT_EQ(parsed.precision(), span.precision) << span.text;
        EXPECT_EQ(parsed.earliest(), parse_instant(span.earliest)) << span.text;
        EXPECT_EQ(parsed.latest(), parse_instant(span.latest)) << span.text;
    }
}

TEST(DatetimeTest, SaysOnlyThePartsThatItHas) {
    EXPECT_EQ(datetime("2023").month(), 0);
    EXPECT_EQ(datetime("2023-07").month(), 7);
    EXPECT_EQ(datetime("2023-07").day(), 0);
    EXPECT_EQ(datetime("2023-07-09").day(), 9);
    EXPECT_FALSE(datetime("2023-07-09").has_time());
    // The parts are those of the text, in its own zone.
    EXPECT_EQ(datetime("2023-07-09T23:30:00-10:00").day(), 9);
}

TEST(DatetimeTest, ADateMayLieInAnyZoneWhenAsked) {
    const Datetime date = datetime("2023-07-09");
    EXPECT_EQ(date.earliest(Datetime::Zone::AnyZone), parse_instant("2023-07-08T10:00:00Z"));
    EXPECT_EQ(date.latest(Datetime::Zone::AnyZone), parse_instant("2023-07-10T14:00:00Z"));
    const Datetime time = datetime("2023-07-09T00:00:00Z");
    EXPECT_EQ(time.earliest(Datetime::Zone::AnyZone), time.earliest());
}

TEST(DatetimeTest, WhatIsNoFhirDateIsRefused) {
    for (const char* text : {"",
                             "0",
                             "202",
                             "0000",
                             "20231",
                             "2023-",
                             "2023-1",
                             "2023-00",
                             "2023-13",
                             "2023-02-29",
                             "2023-04-31",
                             "2023-04-00",
                             "2023/04/01",
                             "2023-04-01Z",
                             "2023-04-01T",
                             "2023-04-01T10",
                             "2023-04-01T10:00Z",
                             "2023-04-01T10:00:00",
                             "2023-04-01T24:00:00Z",
                             "2023-04-01 10:00:00Z",
                             "2023-04-01T10:00:00+14:01",
                             "2023-04-01T10:00:00-15:00",
                             "2023-04-01T10:00:00z",
                             "-2023",
                             "2023-04-01T10:00:00.Z",
                             "20230401",
                             "2023-W01",
                             "12-04-2023",
                             "2023-04-01T10:00:00Z "})
        EXPECT_FALSE(Datetime::parse(text)) << text;
    EXPECT_FALSE(Datetime::parse("2023-04-01T10:00:00." + std::string(100, '1') + "Z"));
}

Interval interval(const char* from, const char* to) {
    return {from ? parse_instant(from) : std::nullopt, to ? parse_instant(to) : std::nullopt};
}

TEST(IntervalTest, AnAbsentSideIsUnbounded) {
    const char* const may = "2023-05-01T00:00:00Z";
    const char* const june = "2023-06-01T00:00:00Z";
    const char* const july = "2023-07-01T00:00:00Z";
    const Interval always = interval(nullptr, nullptr);
    EXPECT_TRUE(always.covers(interval(may, june)));
    EXPECT_FALSE(interval(may, june).covers(always));
    EXPECT_TRUE(interval(may, nullptr).covers(interval(june, july)));
    EXPECT_FALSE(interval(june, nullptr).covers(interval(may, july)));
    EXPECT_TRUE(interval(may, july).covers(interval(may, july)));
    EXPECT_FALSE(interval(may, june).covers(interval(may, july)));
    // The end is exclusive: what ends when the other begins does not meet it.
    EXPECT_FALSE(interval(may, june).overlaps(interval(june, july)));
    EXPECT_TRUE(interval(may, july).overlaps(interval(june, nullptr)));
    EXPECT_TRUE(always.overlaps(always));
}

}  // namespace
}  // namespace consultd::fhir
