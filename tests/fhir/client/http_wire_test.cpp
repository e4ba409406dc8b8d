// How much of an answer may come before it is understood, and how slowly it may come.
#include "fhir/client/http_wire.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

using Finding = AnswerWatch::Finding;
using namespace std::chrono_literals;

class AnswerWatchTest : public ::testing::Test {
protected:
    Finding after(Milliseconds span, std::uint64_t taken, std::uint64_t waiting = 0) {
        return watch_.look({taken, waiting}, is_head_, MonotonicTime{} + 1h + span);
    }
    static constexpr std::uint64_t enough = AnswerWatch::bytes_min;
    AnswerWatch watch_{{1000, 100 * enough, Milliseconds(60s)}};
    bool is_head_ = false;
};

TEST_F(AnswerWatchTest, AHeadHasALimitOfItsOwn) {
    is_head_ = true;
    EXPECT_EQ(after(1s, 1000), Finding::Fine);
    EXPECT_EQ(after(2s, 1001), Finding::TooMuch);
    is_head_ = false;
    EXPECT_EQ(after(3s, 1001), Finding::Fine);
    EXPECT_EQ(after(4s, 100 * enough + 1), Finding::TooMuch);
}

TEST_F(AnswerWatchTest, AServerThatThinksIsNotSlow) {
    EXPECT_EQ(after(0s, 0), Finding::Fine);
    EXPECT_EQ(after(120s, 0), Finding::Fine);
    EXPECT_EQ(after(121s, 300), Finding::Fine);
    EXPECT_EQ(after(180s, 400), Finding::Fine);
}

TEST_F(AnswerWatchTest, AnAnswerThatTricklesIsTooSlow) {
    EXPECT_EQ(after(0s, 1), Finding::Fine);
    EXPECT_EQ(after(59s, 60), Finding::Fine);
    EXPECT_EQ(after(60s, 61), Finding::TooSlow);
}

TEST_F(AnswerWatchTest, AnAnswerThatKeepsComingIsNot) {
    for (std::uint64_t i = 0; i < 20; ++i)
        EXPECT_EQ(after(i * 50s, 1 + i * enough), Finding::Fine) << i;
    EXPECT_EQ(after(20 * 50s + 59s, 20 * enough), Finding::TooSlow);
}

// The consumer of a large file writes it away, and does not read meanwhile.
TEST_F(AnswerWatchTest, WhatWaitsForUsIsNotThePeersFault) {
    EXPECT_EQ(after(0s, 1), Finding::Fine);
    EXPECT_EQ(after(59s, 1, 5000), Finding::Fine);
    EXPECT_EQ(after(100s, 1, 5000), Finding::Fine);
    EXPECT_EQ(after(160s, 2), Finding::TooSlow);
}

TEST(WireTest, OfWhatIsNoSocketNothingIsKnown) {
    EXPECT_FALSE(Wire(-1).count().has_value());
    EXPECT_FALSE(Wire(0).count().has_value());
}

}  // namespace
}  // namespace consultd::fhir
