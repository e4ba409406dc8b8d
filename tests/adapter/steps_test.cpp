#include <gtest/gtest.h>

#include "adapter/steps/dispatch.h"
#include "adapter/steps/follow.h"
#include "adapter/steps/prepare.h"
#include "adapter/steps/step.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using enum TransferState;
using steps::Outcome;

// Steps as the pipeline calls them, with nobody who writes down what they want written.
class StepsTest : public testing::HospitalPair {
protected:
    steps::Context context(const Transfer& of) {
        return {.transfer = of,
                .config = config,
                .peers = *peers,
                .knowledge = *knowledge,
                .parts = PartReader(*store, sealer, of.id),
                .sealer = sealer,
                .clock = clock,
                .random = random,
                .log = log,
                .attempts_max = 12,
                .crash_point = on_crash_point,
                .settling = *settling,
                .is_inherited = false,
                .stop = {}};
    }
    std::string kept(Part part) { return store->part(id, part).value().value_or("(absent)"); }
    // What is durable of it, in the store and in the audit log.
    std::string durable() {
        const Transfer now = transfer();
        std::string all = std::string(name_of(now.state)) + format_instant(now.updated) +
                          now.reason + std::to_string(audit_log->size());
        for (const Part part : parts_kept_as(Retention::Record)) all += kept(part);
        return all + kept(Part::Receipt);
    }
    bool wants(const Outcome& outcome, Part part) {
        return std::ranges::any_of(outcome.parts, [&](const auto& p) { return p.part == part; });
    }
};

// The order of the durable writes is the order of the outcomes: no step goes round it.
TEST_F(StepsTest, NothingIsWrittenByAStep) {
    ask();
    const std::pair<TransferState, Outcome::Next> all_steps[] = {{Requested, steps::begin_pull},
                                                                 {Prepared, steps::make_ready},
                                                                 {Sending, steps::send},
                                                                 {Delivered, steps::follow}};
    for (const auto& [state, step] : all_steps) {
        SCOPED_TRACE(name_of(state));
        ASSERT_EQ(run_until(state), state);
        const Transfer before = transfer();
        const std::string durable_before = durable();
        Result<Outcome> outcome = step(context(before));
        // Each goes on as if the one before had been saved.
        while (outcome.ok() && outcome->next) {
            EXPECT_EQ(durable(), durable_before);
            const Transfer saved = outcome->transfer;
            const Outcome::Next next = outcome->next;
            if (state == Prepared) break;  // what follows reads the transaction that is not kept
            outcome = next(context(saved));
        }
        ASSERT_TRUE(outcome.ok()) << outcome.error().message();
        EXPECT_EQ(durable(), durable_before);
        if (state == Sending) {  // the bytes have left: the pipeline must find them there
            EXPECT_EQ(posts(), 1u);
            EXPECT_TRUE(std::holds_alternative<steps::Sent>(outcome->event));
        }
    }
}

TEST_F(StepsTest, BytesLeaveAfterTheIntentAndTheTimeOfSendingAreDurable) {
    ask();
    ASSERT_EQ(run_until(Sending), Sending);
    Result<Outcome> outcome = steps::send(context(transfer()));
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(posts(), 0u);
    EXPECT_TRUE(std::holds_alternative<steps::Intent>(outcome->event));
    EXPECT_EQ(outcome->transfer.state, Sending);
    EXPECT_EQ(outcome->transfer.sent, clock.now());
    ASSERT_TRUE(outcome->next);
    const Transfer saved = outcome->transfer;
    EXPECT_TRUE(outcome->next(context(saved)).ok());
    EXPECT_EQ(posts(), 1u);
}

TEST_F(StepsTest, TransactionIsDurableBeforeAnIntentIsDeclared) {
    ask();
    ASSERT_EQ(run_until(Prepared), Prepared);
    const Result<Outcome> asked = steps::make_ready(context(transfer()));
    ASSERT_TRUE(asked.ok());
    ASSERT_TRUE(std::holds_alternative<steps::Acted>(asked->event));
    EXPECT_EQ(std::get<steps::Acted>(asked->event).act.what, audit::Act::What::Query);
    EXPECT_TRUE(destination_log.empty()) << "nobody is named before that is in the log";
    ASSERT_TRUE(asked->next);
    const Transfer named = asked->transfer;
    const Result<Outcome> outcome = asked->next(context(named));
    ASSERT_TRUE(outcome.ok());
    EXPECT_TRUE(wants(*outcome, Part::Transaction));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(outcome->event));
    EXPECT_EQ(outcome->transfer.state, Prepared);
    ASSERT_TRUE(outcome->next);
    const Transfer saved = outcome->transfer;
    const Result<Outcome> declared = outcome->next(context(saved));
    ASSERT_TRUE(declared.ok());
    EXPECT_TRUE(std::holds_alternative<steps::Intent>(declared->event));
    EXPECT_EQ(declared->transfer.state, Sending);
}

// The alarm is durable before the rest of the record is worked on.
TEST_F(StepsTest, ForeignPatientIsToldBeforeThePacketIsMade) {
    source.plant("Observation", R"({"resourceType":"Observation","id":"berta-1","status":"final",
        "code":{"text":"x"},"subject":{"reference":"Patient/berta"}})");
    ask();
    const Result<Outcome> begun = steps::begin_pull(context(transfer()));
    ASSERT_TRUE(begun.ok() && begun->next);
    EXPECT_TRUE(source_log.empty());
    const Transfer pulling = begun->transfer;
    const Result<Outcome> alarm = begun->next(context(pulling));
    ASSERT_TRUE(alarm.ok() && alarm->next);
    ASSERT_TRUE(std::holds_alternative<steps::ForeignPatient>(alarm->event));
    EXPECT_EQ(std::get<steps::ForeignPatient>(alarm->event).resources, 1u);
    EXPECT_TRUE(alarm->parts.empty());
    const Transfer alarmed = alarm->transfer;
    const Result<Outcome> prepared = alarm->next(context(alarmed));
    ASSERT_TRUE(prepared.ok());
    EXPECT_EQ(prepared->transfer.state, Prepared);
    EXPECT_TRUE(wants(*prepared, Part::Bundle));
}

}  // namespace
}  // namespace consultd
