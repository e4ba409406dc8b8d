#include "adapter/audit/event_reader.h"

#include <gtest/gtest.h>

#include "disclosures.h"

namespace consultd::audit {
namespace {

// The same bytes come out again: nothing of an intent is lost on its way to the outcome.
TEST(EventReaderTest, AnIntentIsReadBackWhole) {
    Disclosure bare;
    bare.transfer_id = "7d0c2c52-8f0e-4f5c-8d0e-1c6f6f6c2a11";
    bare.source_base_url = "https://ehr.general.example/fhir/r4";
    for (const Disclosure& disclosure : {a_disclosure(), bare}) {
        Disclosure again = disclosure_in(disclosure_intent(disclosure));
        EXPECT_EQ(again.id, "");
        again.id = disclosure.id;
        again.recorded = disclosure.recorded;
        EXPECT_EQ(disclosure_intent(again).print(), disclosure_intent(disclosure).print());
    }
}

TEST(EventReaderTest, AnOutcomeSaysWhatBecameOfIt) {
    EXPECT_FALSE(outcome_in(disclosure_intent(a_disclosure())));
    for (const auto outcome :
         {DisclosureOutcome::Sent, DisclosureOutcome::NotSent, DisclosureOutcome::Refused}) {
        const fhir::Json event = disclosure_outcome(a_disclosure(), "i", 4, outcome, "Task/77");
        EXPECT_EQ(outcome_in(event), outcome);
        EXPECT_EQ(destination_task_in(event), "Task/77");
        EXPECT_EQ(transfer_of(event), a_disclosure().transfer_id);
    }
}

TEST(EventReaderTest, WhatIsNoneOfOursSaysNothing) {
    const fhir::Json other = fhir::Json::object({{"resourceType", "AuditEvent"}});
    EXPECT_FALSE(has_own_subtype(other, "disclosure-intent"));
    EXPECT_FALSE(outcome_in(other));
    EXPECT_TRUE(transfer_of(other).empty());
    EXPECT_TRUE(entity_of(other, "urn:consultd:transfer").is_null());
    EXPECT_TRUE(agent_of(other, "110152").is_null());
}

}  // namespace
}  // namespace consultd::audit
