// An order is placed once: what the store looks for before it creates a transfer.
#include "store_suite.h"

namespace consultd {
namespace {

using enum TransferState;

Transfer order_of(Transfer transfer) {
    transfer.marks = {.content = "content", .patient = "anna", .consent = "consent"};
    transfer.patient_pseudonym = "anna";
    return transfer;
}

TEST_P(StoreTest, AnIdentifierNamesOneTransferForEver) {
    const Earlier named{.identifiers = {"A", "B"}};
    ASSERT_FALSE(store_->create(transfer("t1"), {}, named)->has_value());
    for (const char* key : {"A", "B"}) {
        const auto known = store_->create(transfer("t2"), {{Part::Bundle, "x"}}, {{key}, {}});
        ASSERT_TRUE(known.ok() && *known);
        EXPECT_EQ((*known)->id, "t1");
    }
    EXPECT_FALSE((*store_->find("t2")).has_value());
    EXPECT_EQ(part("t2", Part::Bundle), "(absent)");
    ASSERT_TRUE(store_->ask_withdrawal("t1", clock_.now()).ok());
    clock_.advance(std::chrono::hours(10'000));
    reopen();
    EXPECT_EQ((*store_->create(transfer("t2"), {}, named))->id, "t1");
    ASSERT_FALSE(store_->create(transfer("t3"), {}, {{"C"}, {}})->has_value());
    EXPECT_EQ(store_->create(transfer("t4"), {}, {{"A", "C"}, {}}).error().kind(),
              ErrorKind::Conflict);
}

// Whoever may see all orders is asked for another's as well, after their own.
TEST_P(StoreTest, NamesOfOthersAreLookedForAndNotTaken) {
    ASSERT_FALSE(store_->create(transfer("t1"), {}, {{"ward A"}, {}})->has_value());
    EXPECT_EQ((*store_->create(transfer("t2"), {}, {{"desk A"}, {}, {"ward A"}}))->id, "t1");
    ASSERT_FALSE(store_->create(transfer("t3"), {}, {{"desk B"}, {}, {"ward B"}})->has_value());
    EXPECT_EQ((*store_->create(transfer("t4"), {}, {{"desk B"}, {}, {"ward A"}}))->id, "t3");
    EXPECT_FALSE(store_->create(transfer("t5"), {}, {{"ward B"}, {}})->has_value());
}

// A second click while the first is under way, or soon after.
TEST_P(StoreTest, TheSameDisclosureIsFoundWhileItIsUnderWayAndForADay) {
    const auto day = std::chrono::hours(24);
    const auto again = [&](Transfer next) {
        next.id = "again";
        return store_->create(order_of(next), {}, {{}, clock_.now() - day});
    };
    Transfer first = order_of(transfer("t1"));
    ASSERT_FALSE(store_->create(first, {}, {{}, clock_.now() - day})->has_value());
    EXPECT_EQ((*again(first))->id, "t1");
    // The patient was ordered by a number, and is known by their id now.
    const Lease lease = claim("t1");
    Transfer pulling = lease.transfer;
    pulling.state = Pulling;
    pulling.patient_pseudonym = "anna-by-id";
    ASSERT_TRUE(store_->save(lease, pulling, {}).ok());
    EXPECT_EQ((*again(first))->id, "t1");
    for (const TransferState state : {Prepared, Sending, Delivered}) {
        pulling.state = state;
        pulling.sent = clock_.now();
        ASSERT_TRUE(store_->save(lease, pulling, {}).ok());
        EXPECT_EQ((*again(first))->id, "t1") << name_of(state);
    }
    clock_.advance(day);
    EXPECT_EQ((*again(first))->id, "t1");
    clock_.advance(Milliseconds(1));
    EXPECT_FALSE(again(first)->has_value());
}

TEST_P(StoreTest, WhatIsAnotherDisclosureOrIsOverIsInNobodysWay) {
    const Transfer first = order_of(transfer("t0"));
    ASSERT_TRUE(store_->create(first, {}).ok());
    int made = 0;
    const auto is_new = [&](const auto& change) {
        Transfer next = first;
        next.id = "t" + std::to_string(++made);
        change(next);
        return !store_->create(next, {}, {{}, clock_.now()})->has_value();
    };
    EXPECT_FALSE(is_new([](Transfer&) {}));
    EXPECT_TRUE(is_new([](Transfer& t) { t.destination = "other"; }));
    EXPECT_TRUE(is_new([](Transfer& t) { t.source = "other"; }));
    EXPECT_TRUE(is_new([](Transfer& t) { t.marks.consent = "other"; }));
    EXPECT_TRUE(is_new([](Transfer& t) { t.patient_pseudonym = t.marks.patient = "berta"; }));
    ASSERT_TRUE(store_->ask_withdrawal("t0", clock_.now()).ok());
    EXPECT_TRUE(is_new([](Transfer&) {}));
}

TEST_P(StoreTest, CountsByState) {
    EXPECT_TRUE(store_->count_by_state()->empty());
    for (const char* id : {"t1", "t2", "t3"}) create(id);
    ASSERT_TRUE(store_->ask_withdrawal("t2", clock_.now()).ok());
    const std::map<TransferState, std::uint64_t> counts{{Requested, 2}, {Withdrawn, 1}};
    EXPECT_EQ(*store_->count_by_state(), counts);
}

// What a person did is asked to be logged in the commit in which it is done, and only if it is.
TEST_P(StoreTest, AnActIsAskedForWithWhatWasDone) {
    const auto asked = [&] {
        std::vector<std::string> ids;
        const std::vector<AskedEntry> entries = store_->asked_to_log().value();
        for (const AskedEntry& entry : entries) ids.push_back(entry.id);
        return ids;
    };
    const auto act = [](const char* id) { return AskedEntry{id, "{}"}; };
    using Ids = std::vector<std::string>;
    ASSERT_TRUE(store_->create(transfer("t1"), {}, {{"A"}, {}}, act("created")).ok());
    ASSERT_TRUE(store_->create(transfer("t2"), {}, {{"A"}, {}}, act("again")).ok());
    EXPECT_EQ(asked(), Ids{"created"});
    ASSERT_TRUE(store_->ask_withdrawal("none", clock_.now(), act("nothing")).ok());
    Transfer held = transfer("t1");
    held.state = Held;
    expect_conflict(store_->change(Pulling, held, {}, act("refused")));
    ASSERT_TRUE(store_->change(Requested, held, {}, act("changed")).ok());
    ASSERT_TRUE(store_->ask_withdrawal("t1", clock_.now(), act("cancelled")).ok());
    EXPECT_EQ(asked(), (Ids{"created", "changed", "cancelled"}));
    reopen();
    EXPECT_EQ(asked().size(), 3u);
}

TEST_P(StoreTest, WhoAskedStaysAndOnesOwnAreFound) {
    Transfer first = order_of(transfer("t1"));
    first.asked_by = Actor::operator_named("ward");
    ASSERT_TRUE(store_->create(first, {}).ok());
    Transfer second = transfer("t2");
    second.asked_by = Actor::shell_user();
    ASSERT_TRUE(store_->create(second, {}).ok());
    const Lease lease = claim("t1");
    ASSERT_TRUE(save(lease, Pulling).ok());
    const auto own = store_->list({.asked_by = first.asked_by});
    ASSERT_EQ(own->size(), 1u);
    EXPECT_EQ(own->front().id, "t1");
    EXPECT_EQ(own->front().marks.content, "content");
    EXPECT_EQ((*store_->find("t2"))->asked_by, Actor::shell_user());
    EXPECT_EQ(store_->list({})->size(), 2u);
}

}  // namespace
}  // namespace consultd
