#include "adapter/memory_budget.h"

#include <gtest/gtest.h>

#include <thread>

namespace consultd {
namespace {

constexpr std::uint64_t budget = 8u << 20;

Status take(std::size_t bytes) {
    const std::string taken(bytes, 'x');
    return taken.size() == bytes ? Status() : Error(ErrorKind::Corrupt, "not what was taken");
}

class MemoryBudgetTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (!memory_is_counted()) GTEST_SKIP() << "a sanitizer has operator new";
    }
};

TEST_F(MemoryBudgetTest, WhatTakesMoreIsTooLargeAndTheThreadGoesOn) {
    const Status done = within_memory(budget, [] { return take(2 * budget); });
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().kind(), ErrorKind::TooLarge);
    EXPECT_EQ(done.error().number("bytes"), static_cast<std::int64_t>(budget));
    EXPECT_TRUE(take(2 * budget).ok()) << "what comes after it has no limit";
    EXPECT_TRUE(within_memory(budget, [] { return take(budget / 2); }).ok());
}

TEST_F(MemoryBudgetTest, ManySmallPiecesAddUp) {
    std::size_t pieces = 0;
    const Status done = within_memory(budget, [&]() -> Status {
        std::vector<std::unique_ptr<std::string>> all;
        for (; pieces < budget; ++pieces) all.push_back(std::make_unique<std::string>(100, 'x'));
        return {};
    });
    EXPECT_EQ(done.error().kind(), ErrorKind::TooLarge);
    EXPECT_GT(pieces, budget / 400);
    EXPECT_LT(pieces, budget / 100);
}

TEST_F(MemoryBudgetTest, WhatIsGivenBackMayBeTakenAgain) {
    EXPECT_TRUE(within_memory(budget, []() -> Status {
                    for (int i = 0; i < 100; ++i) TRY(take(budget / 2));
                    return {};
                }).ok());
}

// A neighbour's step runs on another thread, within its own limit.
TEST_F(MemoryBudgetTest, ThreadsDoNotPayForEachOther) {
    Status beside;
    EXPECT_TRUE(within_memory(budget, [&] {
                    std::thread([&] {
                        beside = within_memory(4 * budget, [] { return take(2 * budget); });
                    }).join();
                    return take(budget / 2);
                }).ok());
    EXPECT_TRUE(beside.ok());
}

TEST_F(MemoryBudgetTest, WhatTheMachineDoesNotHaveIsTooLargeToo) {
    const Status done = within_memory(std::uint64_t{1} << 62, []() -> Status {
        std::string all;
        all.reserve(std::size_t{1} << 60);
        return {};
    });
    EXPECT_EQ(done.error().kind(), ErrorKind::TooLarge);
}

TEST_F(MemoryBudgetTest, AnErrorOfTheStepIsItsOwn) {
    const Status done = within_memory(
        budget, []() -> Status { return Error(ErrorKind::NotFound, "no such patient"); });
    EXPECT_EQ(done.error().kind(), ErrorKind::NotFound);
}

// What was taken elsewhere and is given back here makes no room: it was never counted here.
TEST_F(MemoryBudgetTest, WhatOthersTookMakesNoRoomWhenItIsGivenBack) {
    std::vector<std::string> bodies(8);
    std::thread([&] {
        for (std::string& body : bodies) body.assign(budget, 'x');
    }).join();
    const Status done = within_memory(budget, [&]() -> Status {
        const std::string own(budget / 2, 'x');
        bodies.clear();
        return take(budget);
    });
    EXPECT_EQ(done.error().kind(), ErrorKind::TooLarge);
    EXPECT_TRUE(bodies.empty());
}

}  // namespace
}  // namespace consultd
