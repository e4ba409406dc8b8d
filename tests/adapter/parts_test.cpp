#include "adapter/parts.h"

#include <gtest/gtest.h>

#include "hospital_pair.h"

namespace consultd {
namespace {

const std::vector<Part> all_parts{
    Part::Request,      Part::Consent,  Part::Bundle,       Part::Packet,      Part::Ledger,
    Part::Completeness, Part::Manifest, Part::Gaps,         Part::Transaction, Part::Refusals,
    Part::Account,      Part::Receipt,  Part::Opinion,      Part::OpinionRead, Part::Chart,
    Part::Withdrawal,   Part::Delivery, Part::SentBefore,   Part::Deletions,   Part::Access,
    Part::Choice,       Part::Approval, Part::FirstOpinion, Part::Offer,       Part::ConsentToRead,
    Part::Chosen};

TEST(PartsTest, EachHasItsOwnName) {
    std::set<std::string_view> names;
    for (const Part part : all_parts) EXPECT_TRUE(names.insert(name_of(part)).second);
    EXPECT_EQ(name_of(Part::Request), "request");
    EXPECT_EQ(name_of(Part::Opinion), "opinion");
    EXPECT_EQ(
        parts_kept_as(Retention::Proof),
        (std::vector{Part::Account, Part::Refusals, Part::Receipt, Part::Withdrawal, Part::Delivery,
                     Part::SentBefore, Part::Deletions, Part::Choice, Part::Approval}));
    EXPECT_EQ(parts_kept_as(Retention::Record).size() + parts_kept_as(Retention::Read).size() +
                  parts_kept_as(Retention::Proof).size(),
              all_parts.size());
}

class KeptPartsTest : public testing::HospitalPair {};

// Promise 8: when its time is up, nothing is left that says what is in the record.
TEST_F(KeptPartsTest, OfWhatHasEndedTheProofAloneStaysAndWhatIsYetToBeRead) {
    ask();
    std::vector<SealedPart> parts;
    for (const Part part : all_parts) parts.push_back(seal_part(sealer, id, part, name_of(part)));
    Lease lease = claim();
    Transfer ended = lease.transfer;
    ended.state = TransferState::Failed;
    ASSERT_TRUE(store->save(lease, ended, parts).ok());
    ASSERT_TRUE(store->release(lease).ok());
    EXPECT_EQ(
        store->forget(clock.now() + Milliseconds(1), parts_kept_as(Retention::Record)).value(), 1u);
    for (const Part part : all_parts)
        EXPECT_EQ(open_part(*store, sealer, id, part).ok(),
                  retention_of(part) == Retention::Proof || retention_of(part) == Retention::Read)
            << name_of(part);
}

}  // namespace
}  // namespace consultd
