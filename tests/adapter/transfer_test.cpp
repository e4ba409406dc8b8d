#include "adapter/transfer.h"

#include <gtest/gtest.h>

#include <set>

namespace consultd {
namespace {

using enum TransferState;

const std::vector<TransferState> all_states{Requested, Pulling,   Prepared,  Held,
                                            Sending,   Uncertain, Delivered, OpinionReceived,
                                            Closed,    Refused,   Withdrawn, Failed};

// Bytes of a record may be at the destination.
const std::set<TransferState> may_have_left{Sending, Uncertain, Delivered, OpinionReceived};

Transfer in(TransferState state) {
    Transfer transfer;
    transfer.state = state;
    transfer.reason = "unavailable";
    transfer.attempts = 7;
    return transfer;
}
const Instant now(std::chrono::seconds(1'795'000'000));

TEST(TransferStates, NamesRoundTrip) {
    std::set<std::string_view> names;
    for (const TransferState state : all_states) {
        EXPECT_EQ(transfer_state(name_of(state)), state);
        EXPECT_TRUE(names.insert(name_of(state)).second);
        EXPECT_FALSE(task_status_of(state).empty());
    }
    for (const char* other : {"", "Requested", "sending ", "draft"})
        EXPECT_FALSE(transfer_state(other)) << other;
    EXPECT_EQ(name_of(OpinionReceived), "opinion-received");
    EXPECT_EQ(task_status_of(Held), "on-hold");
    EXPECT_EQ(task_status_of(Refused), "rejected");
}

TEST(TransferStates, EveryStateCanBeReached) {
    std::set<TransferState> reached{Requested};
    for (std::size_t before = 0; before != reached.size();) {
        before = reached.size();
        for (const TransferState from : std::set(reached))
            for (const TransferState to : all_states)
                if (may_follow(from, to)) reached.insert(to);
    }
    EXPECT_EQ(reached.size(), all_states.size());
}

TEST(TransferStates, NothingIsPulledAnewOrSaidNeverSentOnceBytesMayHaveLeft) {
    for (const TransferState from : may_have_left)
        for (const TransferState to : {Requested, Pulling, Prepared, Failed})
            EXPECT_FALSE(may_follow(from, to)) << name_of(from) << " to " << name_of(to);
    EXPECT_FALSE(may_follow(Closed, Withdrawn)) << "not before the destination has it";
}

TEST(TransferStates, BytesLeaveOnlyFromPreparedOrAfterAReadBack) {
    for (const TransferState from : all_states)
        EXPECT_EQ(may_follow(from, Sending),
                  from == Prepared || from == Uncertain || from == Sending)
            << name_of(from);
}

TEST(TransferStates, DeliveredIsSaidOnlyAfterSomethingMayHaveLeft) {
    for (const TransferState from : {Requested, Pulling, Prepared})
        for (const TransferState to : {Delivered, OpinionReceived, Closed})
            EXPECT_FALSE(may_follow(from, to)) << name_of(from) << " to " << name_of(to);
}

TEST(TransferStates, AnEndHasNoWayOut) {
    for (const TransferState end : {Closed, Refused, Withdrawn, Failed}) {
        EXPECT_TRUE(is_terminal(end));
        EXPECT_FALSE(is_runnable(end));
        for (const TransferState to : all_states)
            EXPECT_EQ(may_follow(end, to), to == end) << name_of(end) << " to " << name_of(to);
    }
    for (const TransferState state : all_states)
        EXPECT_EQ(is_runnable(state), !is_terminal(state) && state != Held) << name_of(state);
}

TEST(TransferCancel, WithdrawnAtOnceWhereNothingHasLeftAndNobodyWorksOnIt) {
    for (const TransferState state : {Requested, Pulling, Prepared, Held, Sending}) {
        const Transfer done = cancelled(in(state), Worked::ByNobody, now);
        EXPECT_EQ(done.state, Withdrawn) << name_of(state);
        EXPECT_EQ(done.reason, "cancelled");
        EXPECT_EQ(done.updated, now);
        EXPECT_EQ(done.withdrawal_asked, now);
        EXPECT_EQ(told_of_wish(done), "it is withdrawn");
    }
}

TEST(TransferCancel, WhoeverWorksOnItIsObligedAndWhoeverAskedIsToldSo) {
    for (const TransferState state : {Requested, Pulling, Prepared, Held, Sending}) {
        const Transfer done = cancelled(in(state), Worked::BySomebody, now);
        EXPECT_EQ(done.state, state);
        EXPECT_TRUE(must_be_withdrawn(done));
        EXPECT_NE(told_of_wish(done).find("nothing leaves any more"), std::string::npos);
    }
}

TEST(TransferCancel, IsKeptAndToldTrulyOnceBytesMayHaveLeft) {
    for (const TransferState state :
         {Prepared, Held, Sending, Uncertain, Delivered, OpinionReceived})
        for (const Worked worked : {Worked::ByNobody, Worked::BySomebody}) {
            Transfer left = in(state);
            left.sent = now;
            const Transfer done = cancelled(left, worked, now);
            const bool is_set_free = state == Held && worked == Worked::ByNobody;
            EXPECT_EQ(done.state, is_set_free ? Uncertain : state);
            EXPECT_EQ(done.withdrawal_asked, now);
            EXPECT_FALSE(must_be_withdrawn(done));
            EXPECT_NE(told_of_wish(done).find("have left or may have left"), std::string::npos);
        }
}

// It lies there, also where it was closed, or is held for its opinion: the destination is told,
// now.
TEST(TransferCancel, WhatHasArrivedIsTakenBackAtOnceWhereverItStands) {
    for (const TransferState state : {Held, Delivered, OpinionReceived, Closed}) {
        Transfer there = in(state);
        there.sent = now;
        there.outcome_index = 7;
        there.destination_task = "Task/5";
        there.due = now + std::chrono::hours(1);
        there.attempts = 3;
        const Transfer done = cancelled(there, Worked::ByNobody, now);
        EXPECT_EQ(done.state, state == OpinionReceived ? OpinionReceived : Delivered);
        EXPECT_TRUE(is_runnable(done.state));
        EXPECT_EQ(done.due, at_once);
        EXPECT_EQ(done.attempts, 0u);
    }
    Transfer found = in(Withdrawn);
    found.reason = "found-there";
    found.sent = now;
    found.outcome_index = 7;
    found.destination_task = "Task/5";
    EXPECT_EQ(cancelled(found, Worked::ByNobody, now).state, Delivered);
}

// The time of the last save is what a clock that was set back is held against.
TEST(TransferTest, NothingTakesItsTimeBack) {
    const Instant before = now - std::chrono::hours(2);
    Transfer held = in(Held);
    held.updated = now;
    EXPECT_EQ(cancelled(held, Worked::ByNobody, before).updated, now);
    EXPECT_EQ(retried(held, before)->updated, now);
}

// An opinion is here, and what comes after it kills us each time.
TEST(TransferTest, AnOpinionThatCannotBeFiledMayStandStill) {
    EXPECT_TRUE(may_follow(OpinionReceived, Held));
}

TEST(TransferCancel, WhatHasEndedStaysAsItEnded) {
    for (const TransferState state : {Refused, Failed, Withdrawn}) {
        const Transfer done = cancelled(in(state), Worked::ByNobody, now);
        EXPECT_EQ(done.state, state);
        EXPECT_FALSE(done.withdrawal_asked);
    }
    for (const TransferState state : {Refused, Failed})
        EXPECT_NE(told_of_wish(in(state)).find("nothing of it is at the destination"),
                  std::string::npos);
}

TEST(TransferCancel, TwiceIsOnce) {
    const Transfer once = cancelled(in(Requested), Worked::ByNobody, now);
    EXPECT_EQ(cancelled(once, Worked::ByNobody, now + std::chrono::seconds(9)).updated, now);
    const Transfer asked = cancelled(in(Pulling), Worked::BySomebody, now);
    const Instant later = now + std::chrono::seconds(9);
    EXPECT_EQ(cancelled(asked, Worked::BySomebody, later).withdrawal_asked, now);
}

// The last moment before the first byte is the save of the time of sending.
TEST(TransferCancel, AWishIsInTheWayOfEveryStepThatLeadsToASend) {
    Transfer wished = in(Prepared);
    wished.withdrawal_asked = now;
    for (const TransferState to : all_states) {
        Transfer next = wished;
        next.state = to;
        EXPECT_EQ(is_against_wish(wished, next), !is_terminal(to)) << name_of(to);
        next.sent = now;
        EXPECT_EQ(is_against_wish(wished, next), !is_terminal(to) && to != Uncertain);
        EXPECT_FALSE(is_against_wish(in(Prepared), next));
    }
    Transfer left = wished;
    left.state = Uncertain;
    left.sent = now;
    Transfer again = left;
    again.state = Sending;
    EXPECT_FALSE(is_against_wish(left, again));
    again.sent = now + Milliseconds(1);
    EXPECT_TRUE(is_against_wish(left, again));
    again.sent.reset();
    EXPECT_TRUE(is_against_wish(left, again));
}

TEST(TransferRetry, GoesOnWhereItStood) {
    Transfer held = in(Held);
    EXPECT_EQ(retried(held, now)->state, Requested);
    held.prepared = true;
    EXPECT_EQ(retried(held, now)->state, Prepared);
    held.sent = now;
    EXPECT_EQ(retried(held, now)->state, Uncertain);
    // In the log as sent in part: no Task is there, and it is not called delivered.
    held.outcome_index = 4;
    EXPECT_EQ(retried(held, now)->state, Uncertain);
    EXPECT_EQ(cancelled(held, Worked::ByNobody, now).state, Uncertain);
    held.destination_task = "Task/5";
    EXPECT_EQ(retried(held, now)->state, Delivered);
    const Transfer again = retried(held, now).value();
    EXPECT_TRUE(again.reason.empty());
    EXPECT_EQ(again.attempts, 0u);
    EXPECT_EQ(again.due, at_once);
}

TEST(TransferRetry, OnlyWhatIsHeld) {
    for (const TransferState state : all_states)
        if (state != Held) {
            EXPECT_EQ(retried(in(state), now).error().kind(), ErrorKind::Conflict)
                << name_of(state);
        }
}

// Whatever a retry does, the store takes it.
TEST(TransferRetry, LeadsOnlyWhereHeldMayGo) {
    for (const bool prepared : {false, true})
        for (const bool sent : {false, true})
            for (const bool outcome : {false, true}) {
                Transfer held = in(Held);
                held.prepared = prepared;
                if (sent) held.sent = now;
                if (outcome) held.outcome_index = 1;
                EXPECT_TRUE(may_follow(Held, retried(held, now)->state));
            }
}

}  // namespace
}  // namespace consultd
