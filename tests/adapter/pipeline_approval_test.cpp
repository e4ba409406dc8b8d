#include "adapter/approval.h"
#include "tests/adapter/hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;

// A transfer that waits for its patient: what may be shared, and then that it goes.
class PipelineApprovalTest : public testing::HospitalPair {
protected:
    PipelineApprovalTest() {
        order.waits_for_patient = true;
        ask();
    }
    // As the portal puts it down.
    void decide(Transfer next, const std::vector<SealedPart>& parts) {
        ASSERT_TRUE(store->change(Held, next, parts).ok());
    }
    // The Consent is from now, which is later than the order.
    void choose(const fhir::Json& by) {
        clock.advance(std::chrono::minutes(10));
        const fhir::Json agreed = by.with("dateTime", fhir::Json(format_date_time(clock.now())));
        const PatientAct act{.at = clock.now(), .language = "en", .words = "w", .packet = {}};
        Transfer next = transfer();
        next.state = Requested;
        next.prepared = false;
        clear_reason(next);
        decide(next, {seal_part(sealer, id, Part::Consent, agreed.print()),
                      seal_part(sealer, id, Part::Choice, text_of(act))});
    }
    void approve(const std::string& packet) {
        const PatientAct act{.at = clock.now(), .language = "en", .words = "w", .packet = packet};
        decide(retried(transfer(), clock.now()).value(),
               {seal_part(sealer, id, Part::Approval, text_of(act))});
    }
    void retry() { decide(retried(transfer(), clock.now()).value(), {}); }
    std::string digest() {
        const PartReader parts(*store, sealer, id);
        return packet_digest(parts.open(Part::Bundle).value(), parts.open(Part::Packet).value(),
                             config.destinations.at("center"));
    }
    void to_approval() {
        ASSERT_EQ(run_until(Delivered), Held);
        ASSERT_EQ(transfer().reason, "choice");
        choose(consent());
        ASSERT_EQ(run_until(Delivered), Held);
        ASSERT_EQ(transfer().reason, "approval");
    }
};

TEST_F(PipelineApprovalTest, NothingLeavesBeforeThePatientHasSaidWhatAndLetItGo) {
    to_approval();
    EXPECT_TRUE(destination_log.empty()) << "not even the patient's name is asked for there";
    EXPECT_TRUE(audited("disclosure-intent").empty());
    approve(digest());
    EXPECT_EQ(run_until(Delivered), Delivered);
    EXPECT_EQ(posts(), 1U);
}

// An operator's retry is no patient's word.
TEST_F(PipelineApprovalTest, NobodyElseCanLetItGo) {
    ASSERT_EQ(run_until(Delivered), Held);
    retry();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "choice");
    choose(consent());
    ASSERT_EQ(run_until(Delivered), Held);
    retry();
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "approval");
    EXPECT_TRUE(destination_log.empty());
}

TEST_F(PipelineApprovalTest, OnlyTheBytesThatWereSeenGo) {
    to_approval();
    approve(std::string(64, '0'));
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "approval");
    // An approval of what was seen before another choice is none of what comes after it.
    const std::string seen = digest();
    choose(consent("active", R"({"type":"permit","provision":[{"type":"deny","class":[{"system":
        "http://hl7.org/fhir/resource-types","code":"Observation"}]}]})"));
    ASSERT_EQ(run_until(Delivered), Held);
    EXPECT_NE(digest(), seen);
    approve(seen);
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_TRUE(destination_log.empty());
    approve(digest());
    EXPECT_EQ(run_until(Delivered), Delivered);
}

// The clinic has another address, or another name, since the patient saw to whom it goes.
TEST_F(PipelineApprovalTest, ItGoesToWhomTheyWereShownAndToNobodyElse) {
    to_approval();
    const std::string seen = digest();
    config.destinations.at("center").name = "Another Center";
    EXPECT_NE(digest(), seen);
    approve(seen);
    EXPECT_EQ(run_until(Delivered), Held);
    EXPECT_EQ(transfer().reason, "approval");
    EXPECT_TRUE(destination_log.empty());
    approve(digest());
    EXPECT_EQ(run_until(Delivered), Delivered);
}

TEST_F(PipelineApprovalTest, WhatWasReadToChooseFromIsNotReadAgain) {
    ASSERT_EQ(run_until(Delivered), Held);
    const std::size_t before = source_log.size();
    restart();
    choose(consent());
    ASSERT_EQ(run_until(Delivered), Held);
    for (std::size_t i = before; i < source_log.size(); ++i)
        EXPECT_THAT(source_log[i], ::testing::HasSubstr("/metadata"));
}

TEST_F(PipelineApprovalTest, AWishToStopEndsItWhileItWaits) {
    to_approval();
    ASSERT_TRUE(store->ask_withdrawal(id, clock.now()).ok());
    EXPECT_EQ(transfer().state, Withdrawn);
}

TEST(ApprovalTest, WhatIsKeptOfADecisionIsReadBackOrIsNone) {
    const PatientAct act{.at = *parse_instant("2026-11-26T12:00:00.000Z"),
                         .language = "es",
                         .words = "abc",
                         .packet = "def"};
    const auto read = patient_act(text_of(act));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->at, act.at);
    EXPECT_EQ(read->language, "es");
    EXPECT_EQ(read->packet, "def");
    EXPECT_EQ(patient_act("{}").error().kind(), ErrorKind::Corrupt);
    EXPECT_EQ(patient_act("").error().kind(), ErrorKind::Corrupt);
    const config::Destination to;
    EXPECT_NE(packet_digest("a", "bc", to), packet_digest("ab", "c", to));
}

}  // namespace
}  // namespace consultd
