#include "adapter/learnt.h"

#include <gtest/gtest.h>

namespace consultd {
namespace {

const char* const here = "https://center.example/fhir";

TEST(LearntTest, EachFactIsKeptWithItsEvidenceAndItsAge) {
    Learnt learnt;
    learnt.refuses_transactions = true;
    learnt.entries_max = 8;
    learnt.note_changes({}, "answered-405", Instant(Milliseconds(1'000)));
    const Learnt kept = Learnt::parse(learnt.print(here), here);
    EXPECT_TRUE(kept.refuses_transactions);
    EXPECT_EQ(kept.entries_max, 8u);
    EXPECT_EQ(kept.seen.at("entries-max").by, "answered-405");
    EXPECT_EQ(kept.seen.at("entries-max").at, Instant(Milliseconds(1'000)));
    EXPECT_EQ(kept.print(here), learnt.print(here));
}

TEST(LearntTest, NothingIsKnownOfAnotherAddressOrFromADamagedText) {
    Learnt learnt;
    learnt.refuses_transactions = true;
    learnt.note_changes({}, "answered-405", Instant());
    EXPECT_FALSE(
        Learnt::parse(learnt.print(here), "https://other.example/fhir").refuses_transactions);
    EXPECT_FALSE(Learnt::parse("[", here).refuses_transactions);
}

TEST(LearntTest, WhatIsRefutedOrAMonthOldIsForgotten) {
    Learnt learnt;
    learnt.honours_conditions = true;
    learnt.bytes_max = 1000;
    learnt.note_changes({}, "answered-2xx", Instant());
    const Learnt before = learnt;
    learnt.honours_conditions = false;
    learnt.note_changes(before, "doubled-there", Instant());
    EXPECT_FALSE(learnt.seen.contains("honours-conditions"));
    learnt.forget_old(Instant() + std::chrono::hours(24 * 30));
    EXPECT_EQ(learnt.bytes_max, 1000u);
    learnt.forget_old(Instant() + std::chrono::hours(24 * 31));
    EXPECT_EQ(learnt.bytes_max, 0u);
    EXPECT_TRUE(learnt.seen.empty());
}

}  // namespace
}  // namespace consultd
