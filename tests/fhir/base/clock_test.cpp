#include "fhir/base/clock.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/fake_clock.h"

namespace consultd {
namespace {

using namespace std::chrono_literals;

Instant at(long long milliseconds) { return Instant(Milliseconds(milliseconds)); }

TEST(ClockTest, InstantsAreWrittenAsFhirHasThem) {
    EXPECT_EQ(format_instant(at(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_instant(at(1'795'470'120'007)), "2026-11-23T21:42:00.007Z");
    EXPECT_EQ(format_date_time(at(1'795'470'120'999)), "2026-11-23T21:42:00Z");
    EXPECT_EQ(format_instant(at(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(ClockTest, InstantsAreReadWithZoneAndFraction) {
    EXPECT_EQ(parse_instant("2026-11-23T21:42:00Z"), at(1'795'470'120'000));
    EXPECT_EQ(parse_instant("2026-11-23T23:42:00.007+02:00"), at(1'795'470'120'007));
    EXPECT_EQ(parse_instant("2026-11-23T16:12:00.0079999-05:30"), at(1'795'470'120'007));
    EXPECT_EQ(parse_instant("2016-12-31T23:59:60Z"), parse_instant("2017-01-01T00:00:00Z"));
    EXPECT_EQ(parse_instant("2024-02-29T00:00:00.5Z"), at(1'709'164'800'500));
}

TEST(ClockTest, AnythingButAFullTimeIsRefused) {
    for (const char* text :
         {"", "2026", "2026-11-23", "2026-11-23T21:42Z", "2026-11-23T21:42:00",
          "2026-11-23T24:00:00Z", "2026-11-23T21:60:00Z", "2026-11-23T21:42:61Z",
          "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-23T21:42:00.Z",
          "2026-11-23T21:42:00+2:00", "2026-11-23T21:42:00+24:00", "2026-11-23T21:42:00Zx",
          "2026-11-23 21:42:00Z", "-026-11-23T21:42:00Z", "2026-11-23T21:42:00 Z"})
        EXPECT_FALSE(parse_instant(text)) << text;
}

TEST(ClockTest, ADeadlineCountsDownToZeroAndNoFurther) {
    testing::FakeClock clock;
    const Deadline deadline = Deadline::after(clock, 1500ms);
    clock.advance(1000ms);
    EXPECT_EQ(deadline.left(clock), 500ms);
    EXPECT_FALSE(deadline.passed(clock));
    clock.advance(1000ms);
    EXPECT_EQ(deadline.left(clock), 0ms);
    EXPECT_TRUE(deadline.passed(clock));
    EXPECT_EQ(deadline.earlier(Deadline(deadline.at() - 1s)).at(), deadline.at() - 1s);
}

TEST(ClockTest, AWaitEndsAtOnceWhenAStopIsAsked) {
    SystemClock clock;
    std::stop_source source;
    std::jthread stopper([&] { source.request_stop(); });
    const auto far = clock.monotonic_now() + std::chrono::hours(1);
    EXPECT_FALSE(clock.wait_until(far, source.get_token()));
}

TEST(ClockTest, AWaitForThePastIsOver) {
    SystemClock clock;
    EXPECT_TRUE(clock.wait_until(clock.monotonic_now() - 1s, {}));
}

}  // namespace
}  // namespace consultd
