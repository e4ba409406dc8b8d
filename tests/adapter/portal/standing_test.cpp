#include "adapter/portal/standing.h"

#include <gtest/gtest.h>

namespace consultd::portal {
namespace {

using enum TransferState;

const Instant now(std::chrono::seconds(1'795'000'000));

Transfer in(TransferState state, std::string reason = "", bool has_left = false) {
    Transfer transfer;
    transfer.id = "t1";
    transfer.destination = "center";
    transfer.state = state;
    transfer.reason = std::move(reason);
    if (has_left) transfer.sent = now;
    return transfer;
}
Transfer delivered(TransferState state = Delivered, std::string reason = "") {
    Transfer transfer = in(state, std::move(reason), true);
    transfer.outcome_index = 3;
    transfer.destination_task = "Task/1";
    return transfer;
}
Transfer other(Transfer transfer) {
    transfer.id = "t2";
    return transfer;
}

TEST(StandingTest, OnlyWhatThePatientCanMendWaitsForThem) {
    for (const char* reason : {"choice", "approval", "not-authorized", "forbidden"})
        EXPECT_EQ(standing_words(in(Held, reason), {}), Word::StateWaits) << reason;
    for (const char* reason : {"identity", "configuration", "unavailable", "step-dies"})
        EXPECT_EQ(standing_words(in(Held, reason), {}), Word::StateHeld) << reason;
    EXPECT_EQ(standing_words(in(Held, "no-records"), {}), Word::StateNoRecords);
    Transfer there = in(Held, "forbidden");
    there.peer_side = "destination";
    EXPECT_EQ(standing_words(there, {}), Word::StateHeld);
}

// "Do not send them again" stands for as long as nobody knows.
TEST(StandingTest, WhatMayHaveArrivedIsSaidToBeUnknownUntilItIsKnown) {
    EXPECT_EQ(standing_words(in(Uncertain, "", true), {}), Word::UncertainText);
    for (const char* reason : {"uncertain", "not-all-taken", "record-expired"})
        EXPECT_EQ(standing_words(in(Held, reason, true), {}), Word::UncertainText) << reason;
    EXPECT_FALSE(may_have_arrived(in(Held, "approval")));
    EXPECT_FALSE(may_have_arrived(delivered(Held, "no-opinion")));
}

TEST(StandingTest, AnAnswerThatSomebodyMustLookAtIsSaidToHaveCome) {
    for (const char* reason : {"opinion-not-ours", "opinion-incomplete", "opinion-void"})
        EXPECT_EQ(standing_words(delivered(Held, reason), {}), Word::StateAnswerHeld) << reason;
    EXPECT_EQ(standing_words(delivered(Held, "no-opinion"), {}), Word::StateNoOpinion);
    EXPECT_EQ(standing_words(delivered(Held, "opinion-void"), {.opinion = true}),
              Word::StateOpinion);
}

TEST(StandingTest, ASecondCopyToTheSameClinicIsSeen) {
    const Transfer mine = in(Held, "approval");
    const auto seen = [&](const Transfer& one) {
        const Transfer others[] = {mine, other(one)};
        return sent_already(others, mine, now) != nullptr;
    };
    for (const Transfer& one : {delivered(), delivered(OpinionReceived), in(Sending, "", true),
                                in(Uncertain, "", true), in(Held, "uncertain", true), in(Prepared)})
        EXPECT_TRUE(seen(one)) << name_of(one.state);
    for (const Transfer& one : {in(Held, "choice"), in(Pulling), in(Failed), in(Withdrawn)})
        EXPECT_FALSE(seen(one)) << name_of(one.state);
    Transfer elsewhere = delivered();
    elsewhere.destination = "another";
    EXPECT_FALSE(seen(elsewhere));
    Transfer long_ago = delivered();
    long_ago.sent = now - std::chrono::hours(25);
    EXPECT_FALSE(seen(long_ago));
}

// It blocks, where the other only asks for a word.
TEST(StandingTest, WhatIsUnknownComesBeforeWhatArrived) {
    const Transfer others[] = {delivered(), other(in(Uncertain, "", true))};
    Transfer mine = in(Held, "approval");
    mine.id = "t3";
    EXPECT_EQ(sent_already(others, mine, now)->state, Uncertain);
}

}  // namespace
}  // namespace consultd::portal
