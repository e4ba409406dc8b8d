// What a rule is on, beside the resource: for whom, for what, and which labels.
#include "adapter/stages/consent/rule.h"

#include "consent_fixture.h"

namespace consultd::testing {
namespace {

class RuleTest : public ConsentTest {};

TEST_F(RuleTest, OnlyTheNamedRecipientReceives) {
    const fhir::Json ours = consent(std::string(R"({"type":"permit",)") + actor_is_us + "}");
    EXPECT_TRUE(allows(ours));
    Request other = request();
    other.destination_value = "1999999999";
    EXPECT_EQ(refusal(ours, other), ErrorKind::Denied);
    Request unknown = request();
    unknown.destination_system = unknown.destination_value = "";
    EXPECT_EQ(refusal(ours, unknown), ErrorKind::Denied);
    EXPECT_FALSE(allows(json(replaced(ours.print(), "IRCP", "AUT"))));
    EXPECT_FALSE(allows(json(replaced(ours.print(), "us-npi", "other"))));
}

// A rule against somebody counts unless it is certainly somebody else.
TEST_F(RuleTest, DenialOfARecipientWeCannotTellHolds) {
    const auto deny = [](const std::string& identifier) {
        return all_but(
            R"("actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":)" +
            identifier + "}]");
    };
    const std::string npi = R"({"identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":")";
    EXPECT_FALSE(allows(deny(npi + R"(1234567893"}})")));
    EXPECT_FALSE(allows(deny(npi + R"(1234567893 "}})")));
    EXPECT_TRUE(allows(deny(npi + R"(1999999999"}})")));
    EXPECT_FALSE(allows(deny(R"({"reference":"Organization/7"})")));
}

TEST_F(RuleTest, PurposeCoversWhatLiesBelowIt) {
    const auto purpose = [](const std::string& code) {
        return consent(
            R"({"type":"permit","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":")" +
            code + R"("}]})");
    };
    EXPECT_TRUE(allows(purpose("TREAT")));
    EXPECT_FALSE(allows(purpose("HRESCH")));
    EXPECT_FALSE(allows(purpose("COC")));
    Request coordination = request();
    coordination.purpose = "COC";
    EXPECT_TRUE(allows(purpose("TREAT"), coordination));
}

// Nobody can say what such a rule is on, so it may be on everything.
TEST_F(RuleTest, LabelsAndPurposesThatNobodyKnowsAreNotTakenForAbsent) {
    const auto on_label = [](const std::string& code) {
        return all_but(
            R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":")" +
            code + R"("}])");
    };
    for (const char* code : {"RACE", "MARST", "DIA", "TBOO", "CEL", "Mh", "hiv", "FOO",
                             "_ActInformationSensitivityPolicy"})
        EXPECT_EQ(refusal(on_label(code)), ErrorKind::Denied) << code;
    for (const char* code : {"MH", "SUD", "GDIS", "COGN", "SPI", "42CFRPart2", "HIPAAPsyNotes"})
        EXPECT_TRUE(allows(on_label(code))) << code;
    const auto on_purpose = [](const std::string& code) {
        return all_but(
            R"("purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":")" +
            code + R"("}])");
    };
    for (const char* code : {"PurposeOfUse", "TREAT", "treat", "TREATMENT", "FOO", "ETREAT"})
        EXPECT_EQ(refusal(on_purpose(code)), ErrorKind::Denied) << code;
    for (const char* code : {"HRESCH", "HPAYMT", "HTEST", "PATRQT"})
        EXPECT_TRUE(allows(on_purpose(code))) << code;
}

}  // namespace
}  // namespace consultd::testing
