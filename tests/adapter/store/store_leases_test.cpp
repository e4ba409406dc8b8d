// Who works on what, and for how long: leases, shares, suspects.
#include <algorithm>
#include <thread>

#include "store_suite.h"

namespace consultd {
namespace {

using enum TransferState;

TEST_P(StoreTest, TheTransferDueLongestIsTakenFirst) {
    create("first");
    clock_.advance(Milliseconds(1));
    create("second");
    Transfer later = transfer("later");
    later.due = clock_.now() + Milliseconds(10);
    ASSERT_TRUE(store_->create(later, {}).ok());
    EXPECT_EQ(claimed_id(), "first");
    EXPECT_EQ(claimed_id(), "second");
    EXPECT_EQ(claimed_id(), "");
    clock_.advance(Milliseconds(10));
    EXPECT_EQ(claimed_id(), "later");
}

TEST_P(StoreTest, OnlyWhatAWorkerCanDoIsClaimed) {
    create("t1");
    const Lease lease = claim("t1");
    ASSERT_TRUE(save(lease, Held).ok());
    ASSERT_TRUE(store_->release(lease).ok());
    EXPECT_EQ(claimed_id(), "");
    EXPECT_FALSE((*store_->claim("t1", clock_.now(), span, "worker")).has_value());
}

TEST_P(StoreTest, ALeaseEndsByThePassedInTimeAndTheNextOneHasAHigherFence) {
    create("t1");
    const Lease first = claim("t1");
    EXPECT_EQ(claimed_id(), "");
    EXPECT_FALSE((*store_->claim("t1", clock_.now(), span, "other")).has_value());
    clock_.advance(span - Milliseconds(1));
    EXPECT_EQ(claimed_id(), "");
    clock_.advance(Milliseconds(1));
    const Lease second = claim("t1");
    EXPECT_GT(second.fence, first.fence);
}

// Whoever waits for work waits until then: not longer, and not for nothing.
TEST_P(StoreTest, NextDueIsWhenAClaimSucceeds) {
    EXPECT_FALSE(store_->next_due()->has_value());
    Transfer later = transfer("later");
    later.due = clock_.now() + 3 * span;
    ASSERT_TRUE(store_->create(later, {}).ok());
    EXPECT_EQ(*store_->next_due(), later.due);
    create("t1");
    EXPECT_EQ(*store_->next_due(), clock_.now());
    const Lease lease = claim("t1");
    EXPECT_EQ(*store_->next_due(), clock_.now() + span);
    ASSERT_TRUE(save(lease, Held).ok());
    ASSERT_TRUE(store_->release(lease).ok());
    EXPECT_EQ(*store_->next_due(), later.due);
    clock_.advance(3 * span - Milliseconds(1));
    EXPECT_EQ(claimed_id(), "");
    clock_.advance(Milliseconds(1));
    EXPECT_EQ(claimed_id(), "later");
}

// Somebody sets the wall clock, and what is due is counted by another.
TEST_P(StoreTest, WhatIsDueIsCountedByTheTimeThatIsGivenForIt) {
    Transfer later = transfer("later");
    later.due = clock_.now() + span;
    ASSERT_TRUE(store_->create(later, {}).ok());
    const Instant far = clock_.now() + std::chrono::hours(1000);
    EXPECT_FALSE(store_->claim(far, span, "worker", {}, later.due - Milliseconds(1))->has_value());
    EXPECT_TRUE(store_->claim(clock_.now() - std::chrono::hours(1), span, "worker", {}, later.due)
                    ->has_value());
}

// The process before us had a clock that was years ahead.
TEST_P(StoreTest, NoWaitIsLongerThanItsBoundOnceThatIsAskedFor) {
    const Instant now = clock_.now();
    for (const TransferState state : {Requested, Uncertain, Delivered, Held}) {
        Transfer far = transfer(std::string(name_of(state)));
        far.state = state;
        far.due = now + std::chrono::hours(100'000);
        ASSERT_TRUE(store_->create(far, {}).ok());
    }
    create("soon");
    ASSERT_TRUE(store_->bound_waits(now).ok());
    const auto due = [&](const char* id) { return store_->find(id).value()->due; };
    EXPECT_EQ(due("requested"), now + std::chrono::minutes(10));
    EXPECT_EQ(due("uncertain"), now + std::chrono::minutes(10));
    EXPECT_EQ(due("delivered"), now + std::chrono::hours(24));
    EXPECT_EQ(due("soon"), now);
}

// A worker that was stopped for too long wakes up and goes on as if nothing had happened.
TEST_P(StoreTest, AStaleFenceWritesNothing) {
    create("t1", {{Part::Ledger, "old"}});
    const Lease stale = claim("t1");
    clock_.advance(span);
    const Lease lease = claim("t1");
    expect_conflict(save(stale, Pulling, {{Part::Ledger, "of the stale one"}}));
    EXPECT_EQ(store_->renew(stale, clock_.now(), span).error().kind(), ErrorKind::Conflict);
    expect_conflict(store_->release(stale));
    EXPECT_EQ(state_of("t1"), Requested);
    EXPECT_EQ(part("t1", Part::Ledger), "old");
    EXPECT_TRUE(save(lease, Pulling).ok());
}

TEST_P(StoreTest, ARenewedLeaseLastsLonger) {
    create("t1");
    const Lease lease = claim("t1");
    clock_.advance(span - Milliseconds(1));
    ASSERT_TRUE(store_->renew(lease, clock_.now(), span).ok());
    clock_.advance(span - Milliseconds(1));
    EXPECT_EQ(claimed_id(), "");
    EXPECT_TRUE(save(lease, Pulling).ok());
}

TEST_P(StoreTest, AReleasedLeaseIsGoneAndFree) {
    create("t1");
    const Lease lease = claim("t1");
    ASSERT_TRUE(store_->release(lease).ok());
    expect_conflict(save(lease, Pulling));
    expect_conflict(store_->release(lease));
    EXPECT_EQ(claimed_id(), "t1");
}

// A heartbeat asks every second; the lease must not end in spite of that.
TEST_P(StoreTest, ALeaseThatIsRenewedOftenNeverEnds) {
    create("t1");
    const Lease lease = claim("t1");
    for (Milliseconds past{0}; past < 3 * span; past += Milliseconds(1'000)) {
        clock_.advance(Milliseconds(1'000));
        ASSERT_EQ(store_->renew(lease, clock_.now(), span).value(), Renewal::Renewed);
        EXPECT_EQ(claimed_id(), "");
    }
    EXPECT_TRUE(save(lease, Pulling).ok());
}

// A step that kills the process leaves no other trace than that it was begun.
TEST_P(StoreTest, DeathsAreCountedUntilOneStepIsReleased) {
    create("t");
    for (const std::uint64_t deaths : {0U, 1U, 2U, 3U}) {
        EXPECT_EQ(claim("t").deaths, deaths);
        if (deaths < 3) reopen();  // whoever held the lease is dead
    }
    reopen();
    const Lease lease = claim("t");
    EXPECT_EQ(lease.deaths, 4U);
    ASSERT_TRUE(store_->release(lease).ok());
    EXPECT_EQ(claim("t").deaths, 0U);
}

// Which of several killed the process nobody knows, until it does it again.
TEST_P(StoreTest, WhoeverWasBesideADeathIsSuspectAndNotCharged) {
    for (const char* id : {"t1", "t2", "t3"}) create(id);
    for (const char* id : {"t1", "t2", "t3"}) EXPECT_EQ(claimed_id(), id);
    reopen();
    EXPECT_EQ(claim("t1").deaths, 0U);
    EXPECT_EQ(claimed_id(), "") << "one suspect at a time";
    create("new");
    EXPECT_EQ(claimed_id(), "new");
    reopen();
    EXPECT_EQ(claim("t1").deaths, 1U) << "the suspect that was at work";
    reopen();
    const Lease killer = claim("t1");
    EXPECT_EQ(killer.deaths, 2U);
    ASSERT_TRUE(save(killer, Held).ok());
    ASSERT_TRUE(store_->release(killer).ok());
    for (const char* id : {"t2", "t3", "new"}) {
        const Lease lease = store_->claim(clock_.now(), span, "worker").value().value();
        EXPECT_EQ(lease.transfer.id, id);
        EXPECT_EQ(lease.deaths, 0U) << id;
        EXPECT_EQ(claimed_id(), "") << "the others are suspect still";
        Transfer later = lease.transfer;
        later.due += 2 * span;
        ASSERT_TRUE(store_->save(lease, later, {}).ok());
        ASSERT_TRUE(store_->release(lease).ok());
    }
    clock_.advance(2 * span);
    for (const char* id : {"t2", "t3", "new"}) EXPECT_EQ(claimed_id(), id) << "cleared";
}

// Pulls that take hours leave workers for what is due beside them.
TEST_P(StoreTest, PullsTakeNoMoreThanTheirShare) {
    const PullShares shares{.of_all = 3, .of_one_source = 2};
    const auto next = [&] {
        const auto lease = store_->claim(clock_.now(), span, "worker", shares);
        return lease.ok() && *lease ? (*lease)->transfer.id : "";
    };
    const auto place = [&](const std::string& id, const std::string& source, TransferState state) {
        Transfer made = transfer(id);
        made.source = source;
        made.state = state;
        if (state == Sending) made.sent = clock_.now();
        EXPECT_TRUE(store_->create(made, {}).ok());
    };
    for (const char* id : {"slow-1", "slow-2", "slow-3"}) place(id, "slow", Requested);
    for (const char* id : {"other-1", "other-2"}) place(id, "other", Pulling);
    place("send", "slow", Sending);
    place("follow", "other", Delivered);
    EXPECT_EQ(next(), "slow-1");
    EXPECT_EQ(next(), "slow-2");
    EXPECT_EQ(next(), "other-1") << "one source has its share";
    EXPECT_EQ(next(), "send") << "all sources have theirs";
    EXPECT_EQ(next(), "follow");
    EXPECT_EQ(next(), "");
    clock_.advance(span);  // leases that are over take no share
    EXPECT_EQ(next(), "slow-1");
}

// Many workers at once: each transfer is worked on by one of them.
TEST_P(StoreTest, NoTwoWorkersGetTheSameTransfer) {
    for (int i = 0; i < 40; ++i) create("t" + std::to_string(i));
    std::vector<std::vector<std::string>> taken(8);
    std::vector<std::thread> workers;
    for (auto& ids : taken)
        workers.emplace_back([&] {
            for (std::string id = claimed_id(); !id.empty(); id = claimed_id()) ids.push_back(id);
        });
    for (std::thread& worker : workers) worker.join();
    std::vector<std::string> all;
    for (const auto& ids : taken) all.insert(all.end(), ids.begin(), ids.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
    EXPECT_EQ(all.size(), 40U);
}

}  // namespace
}  // namespace consultd
