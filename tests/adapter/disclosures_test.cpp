#include "adapter/disclosures.h"

#include "adapter/audit/event_reader.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

class DisclosuresTest : public testing::HospitalPair {
protected:
    static audit::Disclosure of(const std::string& transfer_id) {
        return {.transfer_id = transfer_id, .destination_name = "Cancer Center"};
    }
    static constexpr const char* one = "0b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b";
    static constexpr const char* two = "1b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b";
};

// A crash between the log and the store: the same step is done again, and is one step.
TEST_F(DisclosuresTest, IntentAndOutcomeWrittenTwiceAreOne) {
    const std::uint64_t intent = disclosures->intent(of(one)).value();
    EXPECT_EQ(disclosures->unsettled(), std::vector<std::string>{one});
    restart();
    EXPECT_EQ(disclosures->intent(of(one)).value(), intent);
    const auto sent = audit::DisclosureOutcome::Sent;
    const std::uint64_t outcome_index =
        disclosures->outcome(one, sent, "Task/1", clock.now()).value();
    restart();
    EXPECT_EQ(disclosures->outcome(one, sent, "Task/1", clock.now()).value(), outcome_index);
    EXPECT_EQ(audit_log->size(), 2u);
}

// The state may be an older copy of itself: after a start nothing of the log is taken for known.
TEST_F(DisclosuresTest, WhatIsInTheLogIsUnsettledUntilTheStateSaysTheSameAndAfterAStartAgain) {
    ASSERT_TRUE(disclosures->intent(of(one)).ok());
    ASSERT_TRUE(disclosures->intent(of(two)).ok());
    ASSERT_TRUE(disclosures->outcome(two, audit::DisclosureOutcome::Sent, "", clock.now()).ok());
    EXPECT_EQ(disclosures->unsettled(), (std::vector<std::string>{one, two}));
    disclosures->settle(two);
    EXPECT_EQ(disclosures->unsettled(), std::vector<std::string>{one});
    restart();
    EXPECT_EQ(disclosures->unsettled(), (std::vector<std::string>{one, two}));
}

// A command beside the daemon may not write the log: what it asks for is there once it is struck
// off, with who asked.
TEST_F(DisclosuresTest, WhatACommandAsksForIsWrittenDown) {
    const audit::Act act{.what = audit::Act::What::ReadPacket,
                         .who = "anna",
                         .transfer_id = one,
                         .recorded = clock.now()};
    ASSERT_TRUE(store->ask_to_log({"e-1", audit::act_event(act, "e-1").print()}).ok());
    ASSERT_TRUE(disclosures->take_up(*store, log).ok());
    EXPECT_TRUE(store->asked_to_log()->empty());
    const std::vector<fhir::Json> events = audited("packet-read");
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0]["id"].string(), "e-1");
    EXPECT_EQ(audit::transfer_of(events[0]), one);
    const fhir::JsonView agent = events[0]["agent"].items()[0];
    EXPECT_EQ(agent.at("who", "display").string(), "anna");
    EXPECT_TRUE(agent["requestor"].is_true());
    ASSERT_TRUE(disclosures->take_up(*store, log).ok());
    EXPECT_EQ(audit_log->size(), 1u) << "once";
    restart();  // the state has seen the entry: a log without it is noticed
    EXPECT_TRUE(store->checkpoint().value());
}

TEST_F(DisclosuresTest, TransfersAreKeptApart) {
    ASSERT_TRUE(disclosures->intent(of(one)).ok());
    ASSERT_TRUE(disclosures->intent(of(two)).ok());
    ASSERT_TRUE(disclosures->outcome(two, audit::DisclosureOutcome::NotSent, "", clock.now()).ok());
    EXPECT_FALSE(disclosures->find(one)->outcome_index);
    EXPECT_EQ(disclosures->find(two)->outcome_index, 2u);
    EXPECT_EQ(disclosures
                  ->outcome("2b9f3c1e-7a55-4a57-9f0e-3f6f0f1d2c3b", audit::DisclosureOutcome::Sent,
                            "", clock.now())
                  .error()
                  .kind(),
              ErrorKind::Corrupt);
}

TEST_F(DisclosuresTest, RefusalIsKnownAfterARestart) {
    ASSERT_TRUE(disclosures->intent(of(one)).ok());
    EXPECT_FALSE(disclosures->find(one)->outcome);
    ASSERT_TRUE(disclosures->outcome(one, audit::DisclosureOutcome::Refused, "", clock.now()).ok());
    restart();
    EXPECT_EQ(disclosures->find(one)->outcome, audit::DisclosureOutcome::Refused);
}

TEST_F(DisclosuresTest, OutcomeSaysWhatItsIntentSaid) {
    audit::Disclosure disclosure = of(one);
    disclosure.bundle_identifier = "urn:uuid:3f1c1a0e-9d4e-5b52-8a57-0e7a6f0d1b22";
    disclosure.bundle_hash = std::string(64, 'b');
    disclosure.withheld = 7;
    ASSERT_TRUE(disclosures->intent(disclosure).ok());
    const auto sent = audit::DisclosureOutcome::Sent;
    ASSERT_TRUE(disclosures->outcome(one, sent, "Task/1", clock.now()).ok());
    restart();
    EXPECT_EQ(disclosures->find(one)->destination_task, "Task/1");
    const fhir::Json event = testing::json_of(audit_log->entry(1).value());
    EXPECT_EQ(audit::packet_hash_of(event), disclosure.bundle_hash);
    EXPECT_EQ(audit::disclosure_in(event).withheld, 7u);
    EXPECT_EQ(event["recorded"].string(), format_instant(clock.now()));
}

TEST_F(DisclosuresTest, OtherEntriesOfTheLogAreNone) {
    ASSERT_TRUE(audit_log->append(R"({"resourceType":"AuditEvent"})").ok());
    restart();
    EXPECT_TRUE(disclosures->unsettled().empty());
    Disclosures::History history;
    history.see(0, "not JSON");
    history.see(1, R"({"resourceType":"AuditEvent"})");
    EXPECT_EQ(Disclosures::after(std::move(history), *audit_log, random).error().kind(),
              ErrorKind::Corrupt);
}

}  // namespace
}  // namespace consultd
