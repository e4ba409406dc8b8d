#include <algorithm>
#include <thread>

#include "store_suite.h"

namespace consultd {
namespace {

using enum TransferState;

TEST_P(StoreTest, AFullTransferComesBackAsItWasSaved) {
    create("t1");
    Lease lease = claim("t1");
    Transfer full = lease.transfer;
    full.state = Held;
    full.reason = "patient-ambiguous";
    full.peer_side = "destination";
    full.peer_address = "center.example:443";
    full.attempts = 7;
    full.updated += Milliseconds(1);
    full.due += Milliseconds(2);
    full.sent = full.due + Milliseconds(3);
    full.pulled = 120;
    full.delivered = 100;
    full.merged = 10;
    full.withheld = 9;
    full.rejected = 1;
    full.complete = full.prepared = true;
    full.intent_index = 0;
    full.outcome_index = 4'000'000'000;
    full.destination_task = "Task/123";
    full.remote_status = "accepted";
    ASSERT_TRUE(store_->save(lease, full, {}).ok());
    reopen();
    const Transfer found = **store_->find("t1");
    EXPECT_EQ(found.state, Held);
    EXPECT_EQ(std::tie(found.source, found.destination, found.patient_pseudonym, found.reason),
              std::tie(full.source, full.destination, full.patient_pseudonym, full.reason));
    EXPECT_EQ(std::tie(found.created, found.updated, found.due, found.sent, found.attempts),
              std::tie(full.created, full.updated, full.due, full.sent, full.attempts));
    EXPECT_EQ(std::tie(found.pulled, found.delivered, found.merged, found.withheld, found.rejected),
              std::tie(full.pulled, full.delivered, full.merged, full.withheld, full.rejected));
    EXPECT_EQ(std::tie(found.complete, found.prepared, found.intent_index, found.outcome_index),
              std::tie(full.complete, full.prepared, full.intent_index, full.outcome_index));
    EXPECT_EQ(std::tie(found.destination_task, found.remote_status),
              std::tie(full.destination_task, full.remote_status));
    EXPECT_EQ(why(found), "patient-ambiguous: destination cancer-center (center.example:443)");
}

TEST_P(StoreTest, WhatIsNotThereIsAbsent) {
    EXPECT_FALSE((*store_->find("nobody")).has_value());
    EXPECT_FALSE((*store_->part("nobody", Part::Bundle)).has_value());
    EXPECT_FALSE((*store_->checkpoint()).has_value());
    EXPECT_FALSE((*store_->claim("nobody", clock_.now(), span, "worker")).has_value());
    create("t1");
    EXPECT_FALSE((*store_->find("t1"))->sent.has_value());
    EXPECT_FALSE((*store_->find("t1"))->intent_index.has_value());
}

TEST_P(StoreTest, AnIdIsTakenOnce) {
    create("t1", {{Part::Request, "first"}});
    EXPECT_EQ(store_->create(transfer("t1"), {{Part::Request, "second"}}).error().kind(),
              ErrorKind::Conflict);
    EXPECT_EQ(part("t1", Part::Request), "first");
}

TEST_P(StoreTest, PartsKeepEveryByte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    create("t1", {{Part::Request, bytes},
                  {Part::Consent, ""},
                  {Part::Bundle, std::string(3'000'000, '\0')}});
    EXPECT_EQ(part("t1", Part::Request), bytes);
    EXPECT_EQ(part("t1", Part::Consent), "");
    EXPECT_EQ(part("t1", Part::Bundle), std::string(3'000'000, '\0'));
    EXPECT_EQ(part("t1", Part::Packet), "(absent)");
    EXPECT_EQ(part("t2", Part::Request), "(absent)");
}

TEST_P(StoreTest, ASavedPartReplacesTheOneOfItsName) {
    create("t1", {{Part::Ledger, "old"}, {Part::Consent, "kept"}});
    ASSERT_TRUE(save(claim("t1"), Pulling, {{Part::Ledger, "new"}}).ok());
    EXPECT_EQ(part("t1", Part::Ledger), "new");
    EXPECT_EQ(part("t1", Part::Consent), "kept");
}

// Every pair of states: what the table of transfer.cpp refuses, the store refuses.
TEST_P(StoreTest, NoStateFollowsAnotherAgainstTheTable) {
    int refused = 0;
    for (int from = 0; from <= static_cast<int>(Failed); ++from)
        for (int to = 0; to <= static_cast<int>(Failed); ++to) {
            const auto before = static_cast<TransferState>(from);
            const auto after = static_cast<TransferState>(to);
            Transfer start = transfer(std::to_string(from) + "-" + std::to_string(to));
            start.state = before;
            ASSERT_TRUE(store_->create(start, {}).ok());
            Transfer next = start;
            next.state = after;
            const bool changed = store_->change(before, next).ok();
            EXPECT_EQ(changed, may_follow(before, after)) << name_of(before) << name_of(after);
            EXPECT_EQ(state_of(start.id), changed ? after : before);
            refused += changed ? 0 : 1;
        }
    EXPECT_GT(refused, 50);
    create("t1");
    const Lease lease = claim("t1");
    expect_conflict(save(lease, Delivered, {{Part::Bundle, "x"}}));
    EXPECT_EQ(state_of("t1"), Requested);
    EXPECT_EQ(part("t1", Part::Bundle), "(absent)");
}

TEST_P(StoreTest, ATransferNeverBecomesAnothersTransfer) {
    create("t1");
    create("t2");
    const Lease lease = claim("t1");
    for (std::string Transfer::*const fact :
         {&Transfer::id, &Transfer::source, &Transfer::destination}) {
        Transfer next = lease.transfer;
        next.*fact = "t2";
        expect_conflict(store_->save(lease, next, {}));
    }
}

TEST_P(StoreTest, APersonChangesOnlyWhatNobodyWorksOn) {
    create("t1");
    const Lease lease = claim("t1");
    Transfer withdrawn = transfer("t1");
    withdrawn.state = Withdrawn;
    expect_conflict(store_->change(Requested, withdrawn));
    // The worker died; its lease is over.
    clock_.advance(span);
    withdrawn.updated = clock_.now();
    expect_conflict(store_->change(Pulling, withdrawn));
    ASSERT_TRUE(store_->change(Requested, withdrawn).ok());
    // It was not dead after all.
    expect_conflict(save(lease, Pulling));
    EXPECT_EQ(state_of("t1"), Withdrawn);
}

TEST_P(StoreTest, AWishWithdrawsAtOnceWhatNobodyWorksOn) {
    EXPECT_FALSE(store_->ask_withdrawal("nobody", clock_.now())->has_value());
    create("t1");
    const Lease lease = claim("t1");
    ASSERT_TRUE(save(lease, Pulling).ok());
    clock_.advance(span);  // whoever held it is dead, or slow
    EXPECT_EQ((*store_->ask_withdrawal("t1", clock_.now()))->state, Withdrawn);
    reopen();
    EXPECT_EQ(state_of("t1"), Withdrawn);
    EXPECT_EQ((*store_->find("t1"))->withdrawal_asked, clock_.now());
    expect_conflict(save(lease, Prepared));
    EXPECT_FALSE((*store_->claim("t1", clock_.now(), span, "worker")).has_value());
}

// In every state, whoever works on it; and no save of theirs takes it away again.
TEST_P(StoreTest, AWishIsTakenInAnyStateAndNoSaveWritesOverIt) {
    for (int value = 0; value <= static_cast<int>(Failed); ++value) {
        const auto state = static_cast<TransferState>(value);
        if (!is_runnable(state)) continue;
        Transfer start = transfer(std::to_string(value));
        start.state = state;
        if (state >= Sending) start.sent = clock_.now();
        ASSERT_TRUE(store_->create(start, {}).ok());
        const Lease lease = claim(start.id);
        const Instant asked = clock_.now();
        EXPECT_EQ((*store_->ask_withdrawal(start.id, asked))->state, state) << name_of(state);
        clock_.advance(Milliseconds(1));
        EXPECT_EQ((*store_->ask_withdrawal(start.id, clock_.now()))->withdrawal_asked, asked);
        EXPECT_EQ(store_->save(lease, lease.transfer, {}).ok(), start.sent.has_value());
        EXPECT_EQ((*store_->find(start.id))->withdrawal_asked, asked) << name_of(state);
        EXPECT_EQ(store_->renew(lease, clock_.now(), span).value(),
                  start.sent ? Renewal::Renewed : Renewal::MustBeWithdrawn);
    }
}

TEST_P(StoreTest, AfterAWishNothingIsSavedThatLeadsToASend) {
    create("t1");
    const Lease lease = claim("t1");
    ASSERT_TRUE(save(lease, Pulling).ok());
    ASSERT_TRUE(save(lease, Prepared).ok());
    ASSERT_TRUE(store_->ask_withdrawal("t1", clock_.now()).ok());
    for (const TransferState next : {Prepared, Sending, Held}) {
        const Status refused = save(lease, next, {{Part::Transaction, "x"}});
        expect_conflict(refused);
        EXPECT_EQ(refused.error().number("withdrawal"), 1);
        EXPECT_FALSE(refused.error().number("fence")) << "the lease is not lost";
    }
    EXPECT_EQ(part("t1", Part::Transaction), "(absent)");
    ASSERT_TRUE(save(lease, Withdrawn).ok());
    EXPECT_TRUE(store_->release(lease).ok());
}

TEST_P(StoreTest, AfterAWishNothingIsSentASecondTime) {
    create("t1");
    const Lease lease = claim("t1");
    Transfer next = lease.transfer;
    next.sent = clock_.now();
    for (const TransferState state : {Pulling, Prepared, Sending, Uncertain}) {
        next.state = state;
        ASSERT_TRUE(store_->save(lease, next, {}).ok());
    }
    ASSERT_TRUE(store_->ask_withdrawal("t1", clock_.now()).ok());
    next.due += span;
    EXPECT_TRUE(store_->save(lease, next, {}).ok()) << "it is asked again later";
    next.state = Sending;
    next.sent = clock_.now() + Milliseconds(1);
    EXPECT_EQ(store_->save(lease, next, {}).error().number("withdrawal"), 1);
    next.state = Delivered;
    EXPECT_TRUE(store_->save(lease, next, {}).ok());
}

TEST_P(StoreTest, ListsInOrderOfCreationPageByPage) {
    for (int i = 0; i < 7; ++i) create("t" + std::to_string(9 - i));
    std::vector<std::string> ids;
    StoreFilter filter;
    filter.count_max = 3;
    for (;;) {
        const auto page = *store_->list(filter);
        for (const Transfer& found : page) ids.push_back(found.id);
        if (page.size() < filter.count_max) break;
        filter.after = page.back().id;
    }
    EXPECT_EQ(ids, (std::vector<std::string>{"t9", "t8", "t7", "t6", "t5", "t4", "t3"}));
    filter.after = "nobody";
    EXPECT_EQ(store_->list(filter).error().kind(), ErrorKind::NotFound);
}

TEST_P(StoreTest, ListsByStateAndByPatient) {
    create("t1");
    create_ended("t2", {});
    create("t3");
    StoreFilter ended;
    ended.states = {Failed, Closed};
    ASSERT_EQ(store_->list(ended)->size(), 1U);
    EXPECT_EQ(store_->list(ended)->front().id, "t2");
    StoreFilter patient;
    patient.patient_pseudonyms = {"pseudonym-of-t3"};
    ASSERT_EQ(store_->list(patient)->size(), 1U);
    EXPECT_EQ(store_->list(patient)->front().id, "t3");
    patient.patient_pseudonyms = {"pseudonym-of-t3", "of-nobody", "pseudonym-of-t1"};
    ASSERT_EQ(store_->list(patient)->size(), 2U);
    EXPECT_EQ(store_->list(patient)->front().id, "t1");
    patient.states = {Failed};
    EXPECT_TRUE(store_->list(patient)->empty());
}

// Promise 8: gone when its time is up, not merely unlinked.
TEST_P(StoreTest, ForgottenPartsAreWipedFromTheDisk) {
    const std::string marker = "sealed-marker-7f3a";
    std::string big;
    while (big.size() < 200'000) big += marker;
    create_ended("t1", {{Part::Bundle, big}, {Part::Ledger, "kept"}});
    ASSERT_NE(place_->bytes().find(marker), std::string::npos);
    clock_.advance(Milliseconds(1));
    EXPECT_EQ(*store_->forget(clock_.now(), {Part::Bundle, Part::Packet}), 1U);
    EXPECT_EQ(place_->bytes().find(marker), std::string::npos);
    EXPECT_EQ(part("t1", Part::Bundle), "(absent)");
    EXPECT_EQ(part("t1", Part::Ledger), "kept");
    EXPECT_EQ(*store_->forget(clock_.now(), {Part::Bundle, Part::Packet}), 0U);
}

TEST_P(StoreTest, OnlyOldEndedTransfersAreForgotten) {
    create("running", {{Part::Bundle, "1"}});
    create_ended("old", {{Part::Bundle, "2"}});
    const Instant before = clock_.now() + Milliseconds(1);
    clock_.advance(Milliseconds(1));
    create_ended("new", {{Part::Bundle, "3"}});
    EXPECT_EQ(*store_->forget(before, {Part::Bundle}), 1U);
    EXPECT_EQ(part("running", Part::Bundle), "1");
    EXPECT_EQ(part("old", Part::Bundle), "(absent)");
    EXPECT_EQ(part("new", Part::Bundle), "3");
    EXPECT_EQ(*store_->forget(clock_.now() + span, {}), 0U);
}

// Whoever holds a transfer for a person must not keep its record for ever.
TEST_P(StoreTest, WhatIsHeldForTooLongIsForgottenAsWell) {
    for (int value = 0; value <= static_cast<int>(Failed); ++value) {
        Transfer old = transfer(std::to_string(value));
        old.state = static_cast<TransferState>(value);
        ASSERT_TRUE(store_->create(old, {{Part::Bundle, "x"}}).ok());
    }
    EXPECT_EQ(*store_->forget(clock_.now() + span, {Part::Bundle}), 5U);
    for (int value = 0; value <= static_cast<int>(Failed); ++value) {
        const auto state = static_cast<TransferState>(value);
        EXPECT_EQ(part(std::to_string(value), Part::Bundle), is_runnable(state) ? "x" : "(absent)")
            << name_of(state);
    }
}

TEST_P(StoreTest, ThePatientIsLearntWhileTheRecordIsPulledAndNoLaterThanThat) {
    ASSERT_TRUE(store_->create(transfer("t"), {}).ok());
    const Lease lease = store_->claim(clock_.now(), span, "worker").value().value();
    Transfer next = lease.transfer;
    next.state = Pulling;
    next.patient_pseudonym = "learnt";
    ASSERT_TRUE(store_->save(lease, next, {}).ok());
    EXPECT_EQ(store_->find("t").value()->patient_pseudonym, "learnt");
    next.state = Prepared;
    ASSERT_TRUE(store_->save(lease, next, {}).ok());
    next.patient_pseudonym = "another";
    EXPECT_EQ(store_->save(lease, next, {}).error().kind(), ErrorKind::Conflict);
}

// An opinion is kept until it was read, however long its transfer has ended.
TEST_P(StoreTest, OneTransfersPartsAreForgottenByThemselves) {
    create_ended("t-1", {{Part::Opinion, "opinion-of-one"}, {Part::Receipt, "receipt-of-one"}});
    create_ended("t-2", {{Part::Opinion, "opinion-of-two"}});
    ASSERT_TRUE(store_->keep_part("t-1", {Part::OpinionRead, "read"}).ok());
    EXPECT_EQ(part("t-1", Part::OpinionRead), "read");
    ASSERT_TRUE(store_->forget("t-1", {Part::Opinion, Part::OpinionRead}).ok());
    EXPECT_EQ(part("t-1", Part::Opinion), "(absent)");
    EXPECT_EQ(part("t-1", Part::OpinionRead), "(absent)");
    EXPECT_EQ(part("t-1", Part::Receipt), "receipt-of-one");
    EXPECT_EQ(part("t-2", Part::Opinion), "opinion-of-two");
    EXPECT_EQ(place_->bytes().find("opinion-of-one"), std::string::npos);
}

TEST_P(StoreTest, APersonsDecisionIsKeptWithTheStateItLeadsTo) {
    create("t-1");
    const Lease lease = claim("t-1");
    ASSERT_TRUE(save(lease, TransferState::Held).ok());
    ASSERT_TRUE(store_->release(lease).ok());
    Transfer next = (*store_->find("t-1")).value();
    next.state = TransferState::Pulling;
    ASSERT_TRUE(store_->change(TransferState::Held, next, {{Part::Chart, "decided"}}).ok());
    EXPECT_EQ(part("t-1", Part::Chart), "decided");
    // Somebody was faster: nothing of it is kept.
    expect_conflict(store_->change(TransferState::Held, next, {{Part::Chart, "again"}}));
    EXPECT_EQ(part("t-1", Part::Chart), "decided");
}

TEST_P(StoreTest, WhatIsToBeLoggedIsAskedForUntilItIsStruckOff) {
    EXPECT_TRUE(store_->asked_to_log()->empty());
    ASSERT_TRUE(store_->ask_to_log({"one", R"({"id":"one"})"}).ok());
    ASSERT_TRUE(store_->ask_to_log({"two", R"({"id":"two"})"}).ok());
    reopen();
    const auto asked = store_->asked_to_log();
    ASSERT_TRUE(asked.ok());
    ASSERT_EQ(asked->size(), 2U);
    EXPECT_EQ((*asked)[0].id, "one");
    EXPECT_EQ((*asked)[1].event, R"({"id":"two"})");
    ASSERT_TRUE(store_->strike_off("one").ok());
    EXPECT_EQ(store_->asked_to_log()->size(), 1U);
    EXPECT_FALSE(store_->strike_off("three").ok());
}

TEST_P(StoreTest, TheKeyCheckIsKept) {
    EXPECT_FALSE(store_->key_check()->has_value());
    ASSERT_TRUE(store_->remember_key_check("word").ok());
    EXPECT_EQ(*store_->key_check(), "word");
    EXPECT_FALSE(store_->checkpoint()->has_value());
}

TEST_P(StoreTest, TheNewestCheckpointIsRemembered) {
    ASSERT_TRUE(store_->remember_checkpoint("first").ok());
    ASSERT_TRUE(store_->remember_checkpoint("second").ok());
    reopen();
    EXPECT_EQ(*store_->checkpoint(), "second");
}

}  // namespace
}  // namespace consultd
