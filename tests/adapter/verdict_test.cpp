#include "adapter/verdict.h"

#include <gtest/gtest.h>
#include <sysexits.h>

#include <algorithm>
#include <set>

#include "tests/support/seeded_random.h"

namespace consultd {
namespace {

constexpr int kinds = static_cast<int>(ErrorKind::Busy) + 1;

TEST(VerdictTest, EveryKindHasARowOfItsOwn) {
    std::set<std::string_view> reasons;
    for (int i = 0; i < kinds; ++i) {
        const auto kind = static_cast<ErrorKind>(i);
        const Verdict& verdict = verdict_of(kind);
        EXPECT_EQ(verdict.kind, kind) << i;
        EXPECT_TRUE(reasons.insert(verdict.reason.view()).second) << verdict.reason.view();
        EXPECT_EQ(exit_code_of(verdict.reason.view()), verdict.exit_code);
        EXPECT_GE(verdict.exit_code, EX_USAGE);
        EXPECT_LE(verdict.exit_code, EX_CONFIG);
    }
}

TEST(VerdictTest, EveryVerdictIsAStateThatMayFollowThePull) {
    for (int i = 0; i < kinds; ++i) {
        const Verdict& verdict = verdict_of(static_cast<ErrorKind>(i));
        EXPECT_TRUE(may_follow(TransferState::Pulling, verdict.state)) << verdict.reason.view();
        EXPECT_FALSE(is_runnable(verdict.state)) << verdict.reason.view();
    }
}

// What a person must decide is not tried again by itself.
TEST(VerdictTest, OnlyWhatPassesByItselfIsTriedAgain) {
    for (const ErrorKind kind :
         {ErrorKind::Denied, ErrorKind::Forbidden, ErrorKind::Unauthorized, ErrorKind::NotFound,
          ErrorKind::Malformed, ErrorKind::Corrupt, ErrorKind::Conflict, ErrorKind::Config})
        EXPECT_FALSE(verdict_of(kind).try_again) << name_of(kind).view();
    for (const ErrorKind kind : {ErrorKind::Unavailable, ErrorKind::RateLimited})
        EXPECT_TRUE(verdict_of(kind).try_again) << name_of(kind).view();
}

TEST(VerdictTest, RetryAfterMakesAWaitLongerAndNeverShorter) {
    testing::SeededRandom random;
    const auto asked = [](std::int64_t seconds) {
        return Error(ErrorKind::RateLimited, "busy").with("retry_after_s", seconds);
    };
    EXPECT_EQ(backoff(1, asked(90), random), std::chrono::seconds(90));
    EXPECT_EQ(backoff(1, asked(86'400), random), std::chrono::hours(24));
    Milliseconds longest{0};
    for (int i = 0; i < 50; ++i) longest = std::max(longest, backoff(9, asked(1), random));
    EXPECT_GT(longest, std::chrono::minutes(3));
}

TEST(VerdictTest, ExitCodesAreThePublishedOnes) {
    EXPECT_EQ(exit_code_of("unavailable"), EX_UNAVAILABLE);
    EXPECT_EQ(exit_code_of("consent"), EX_NOPERM);
    EXPECT_EQ(exit_code_of("not-found"), EX_NOINPUT);
    EXPECT_EQ(exit_code_of("protocol"), EX_PROTOCOL);
    EXPECT_EQ(exit_code_of("configuration"), EX_CONFIG);
    EXPECT_EQ(exit_code_of("no such reason"), EX_SOFTWARE);
}

}  // namespace
}  // namespace consultd
