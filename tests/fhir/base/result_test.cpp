#include "fhir/base/result.h"

#include <gtest/gtest.h>

#include <set>

namespace consultd {
namespace {

TEST(ErrorTest, MessageNamesTheFaultAndItsDetails) {
    const Error plain(ErrorKind::TooLarge, "search has more pages than the limit");
    EXPECT_EQ(plain.message(), "search has more pages than the limit");
    const Error detailed =
        Error(ErrorKind::Unavailable, "refused").with("status", 503).with("type", "Patient");
    EXPECT_EQ(detailed.message(), "refused (status 503, type Patient)");
    EXPECT_EQ(detailed.number("status"), 503);
    EXPECT_FALSE(detailed.number("type"));
}

TEST(ErrorTest, DetailsPastTheLimitAreLeftOutAndTheFirstOnesStay) {
    Error error(ErrorKind::Malformed, "bad");
    for (int i = 0; i < 10; ++i) error = std::move(error).with("n", i);
    EXPECT_EQ(error.message(), "bad (n 0, n 1, n 2, n 3, n 4, n 5)");
}

TEST(ErrorTest, EachKindHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::Busy); ++kind)
        names.insert(name_of(static_cast<ErrorKind>(kind)).view());
    EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::Busy) + 1);
    EXPECT_EQ(names.count("unknown"), 0U);
}

Result<int> half(int number) {
    if (number % 2 != 0) return Error(ErrorKind::Malformed, "odd");
    return number / 2;
}

Result<int> quarter(int number) {
    TRY_ASSIGN(const int once, half(number));
    return half(once);
}

TEST(ResultTest, TryHandsTheErrorOn) {
    EXPECT_EQ(*quarter(8), 2);
    EXPECT_EQ(quarter(6).error().message(), "odd");
}

}  // namespace
}  // namespace consultd
