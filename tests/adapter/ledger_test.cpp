#include "adapter/ledger.h"

#include <gtest/gtest.h>

namespace consultd {
namespace {

class LedgerTest : public ::testing::Test {
protected:
    void tell_four() {
        ledger.delivered("Observation/123", "urn:uuid:1");
        ledger.merged("Observation/124", "urn:uuid:1", "duplicate.exact");
        ledger.withheld("Condition/9", "sensitivity:SUD");
        ledger.rejected("Observation/77", "wrong-patient");
    }
    ErrorKind balance_error(const std::vector<std::string_view>& pulled) {
        const Status status = ledger.balance(pulled);
        EXPECT_FALSE(status.ok());
        return status.ok() ? ErrorKind::Cancelled : status.error().kind();
    }
    Ledger ledger;
};

TEST_F(LedgerTest, BalancesWhenEachPulledResourceHasOneOutcome) {
    tell_four();
    EXPECT_TRUE(
        ledger.balance({"Observation/77", "Condition/9", "Observation/123", "Observation/124"})
            .ok());
    const LedgerCounts counts = ledger.counts(4);
    EXPECT_TRUE(counts.balances());
    EXPECT_EQ(counts.delivered, 1u);
    EXPECT_EQ(counts.merged, 1u);
    EXPECT_EQ(counts.withheld, 1u);
    EXPECT_EQ(counts.rejected, 1u);
    EXPECT_FALSE(ledger.counts(5).balances());
}

TEST_F(LedgerTest, LostResourceStopsTheTransfer) {
    tell_four();
    EXPECT_EQ(balance_error({"Condition/9", "Observation/123", "Observation/124", "Observation/77",
                             "Observation/78"}),
              ErrorKind::Corrupt);
}

// The numbers agree, and still one is lost and another invented.
TEST_F(LedgerTest, OutcomeOfAnUnknownNameDoesNotMakeUpForALostOne) {
    tell_four();
    EXPECT_EQ(
        balance_error({"Condition/9", "Observation/123", "Observation/124", "Observation/78"}),
        ErrorKind::Corrupt);
    EXPECT_EQ(balance_error({"Condition/9", "Condition/9", "Observation/123", "Observation/124"}),
              ErrorKind::Corrupt);
}

TEST_F(LedgerTest, TwoOutcomesForOneResourceAreCorrupt) {
    tell_four();
    ledger.withheld("Observation/123", "period");
    EXPECT_EQ(
        balance_error({"Condition/9", "Observation/123", "Observation/124", "Observation/77"}),
        ErrorKind::Corrupt);
    EXPECT_EQ(balance_error({"Condition/9", "Observation/123", "Observation/124", "Observation/77",
                             "Observation/78"}),
              ErrorKind::Corrupt);
}

TEST_F(LedgerTest, LinesAreThePublishedOnes) {
    tell_four();
    const std::string first = "urn:uuid:1", asked = "DiagnosticReport?category=LP7839-6";
    const std::string code = "Observation.value.code", value = "Observation.value";
    ChangeList changes;
    changes.add(first, code, "unit.spelling", "mg/dl", "mg/dL");
    changes.add(first, value, "value.text", fhir::Json::number("2.00"), {});
    ledger.add(changes);
    ledger.gap({asked, "http-403"});
    ASSERT_TRUE(
        ledger.balance({"Condition/9", "Observation/123", "Observation/124", "Observation/77"})
            .ok());
    EXPECT_EQ(
        ledger.ndjson(4),
        R"({"line":"resource","source":"Condition/9","outcome":"withheld","reason":"sensitivity:SUD"}
{"line":"resource","source":"Observation/123","outcome":"delivered","as":"urn:uuid:1"}
{"line":"resource","source":"Observation/124","outcome":"merged","into":"urn:uuid:1","rule":"duplicate.exact"}
{"line":"resource","source":"Observation/77","outcome":"rejected","reason":"wrong-patient"}
{"line":"change","resource":"urn:uuid:1","path":"Observation.value.code","rule":"unit.spelling","before":"mg/dl","after":"mg/dL"}
{"line":"change","resource":"urn:uuid:1","path":"Observation.value","rule":"value.text","before":2.00}
{"line":"gap","what":"DiagnosticReport?category=LP7839-6","reason":"http-403"}
{"line":"total","pulled":4,"delivered":1,"merged":1,"withheld":1,"rejected":1}
)");
}

}  // namespace
}  // namespace consultd
