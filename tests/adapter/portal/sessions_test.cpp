#include "adapter/portal/sessions.h"

#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace consultd::portal {
namespace {

class SessionsTest : public ::testing::Test {
protected:
    std::string begin(const std::string& address = "192.0.2.1") {
        const auto named = sessions_.begin(address, Language::English);
        return named ? named->name : std::string();
    }
    testing::FakeClock clock_;
    testing::SeededRandom random_;
    Sessions sessions_{clock_, random_};
};

TEST_F(SessionsTest, FifteenMinutesWithoutARequestEndOne) {
    const std::string name = begin();
    for (int i = 0; i < 3; ++i) {
        clock_.advance(std::chrono::minutes(14));
        EXPECT_NE(sessions_.find(name), nullptr);
    }
    clock_.advance(std::chrono::minutes(16));
    EXPECT_EQ(sessions_.find(name), nullptr);
}

// A page that asks by itself whether something is new is no person.
TEST_F(SessionsTest, WhatNobodyAskedForKeepsNobodySignedIn) {
    const std::string name = begin();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(sessions_.left(name), std::chrono::minutes(15 - 5 * i));
        EXPECT_NE(sessions_.find(name, Sessions::By::Itself), nullptr);
        clock_.advance(std::chrono::minutes(5));
    }
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(sessions_.left(name), Milliseconds(0));
    EXPECT_EQ(sessions_.find(name, Sessions::By::Itself), nullptr);
    EXPECT_EQ(sessions_.left("made up"), Milliseconds(0));
}

TEST_F(SessionsTest, EightHoursEndOneHoweverBusyItIs) {
    const std::string name = begin();
    for (int i = 0; i < 48; ++i) {
        clock_.advance(std::chrono::minutes(10));
        ASSERT_NE(sessions_.find(name), nullptr);
    }
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(sessions_.find(name), nullptr);
}

// Whoever put the old name into the browser has nothing of the sign-in.
TEST_F(SessionsTest, ANewNameIsTheOnlyOne) {
    const std::string old = begin();
    sessions_.find(old)->session.draft.question = "mine";
    const std::string fresh = sessions_.rename(old);
    EXPECT_NE(fresh, old);
    EXPECT_EQ(sessions_.find(old), nullptr);
    ASSERT_NE(sessions_.find(fresh), nullptr);
    EXPECT_EQ(sessions_.find(fresh)->session.draft.question, "mine");
}

TEST_F(SessionsTest, OneAddressCannotTakeAllOfThem) {
    for (std::size_t i = 0; i < Sessions::per_address_max; ++i)
        sessions_.find(begin())->session.draft.source = "general";
    EXPECT_EQ(begin(), "");
    EXPECT_NE(begin("192.0.2.2"), "");
    clock_.advance(std::chrono::minutes(16));
    EXPECT_NE(begin(), "") << "what is over makes room";
    EXPECT_EQ(sessions_.size(), 1U);
}

// Whoever opens the first page a hundred times keeps nobody else of that address out.
TEST_F(SessionsTest, TheOldestInWhichNobodyHasChosenAnythingGivesWay) {
    const std::string mine = begin(), empty = begin();
    sessions_.find(mine)->session.draft.source = "general";
    for (std::size_t i = 2; i < Sessions::per_address_max + 5; ++i) {
        clock_.advance(std::chrono::seconds(1));
        ASSERT_NE(begin(), "");
    }
    EXPECT_EQ(sessions_.size(), Sessions::per_address_max);
    EXPECT_NE(sessions_.find(mine), nullptr);
    EXPECT_EQ(sessions_.find(empty), nullptr);
}

// Behind a proxy on this machine all patients come from one address.
TEST_F(SessionsTest, ThisMachinesOwnAddressIsNobodys) {
    for (std::size_t i = 0; i < 5 * Sessions::per_address_max; ++i) {
        const std::string name = begin("127.0.0.1");
        ASSERT_NE(name, "");
        sessions_.find(name)->session.draft.source = "general";
    }
}

TEST_F(SessionsTest, WhatWasLeftIsGone) {
    const std::string name = begin();
    sessions_.end(name);
    EXPECT_EQ(sessions_.find(name), nullptr);
    EXPECT_EQ(sessions_.find(""), nullptr);
    EXPECT_EQ(sessions_.find("made up"), nullptr);
}

}  // namespace
}  // namespace consultd::portal
