// Whom a packet is about, and what is decided once more before it leaves.
#include "consent_fixture.h"

namespace consultd::testing {
namespace {

class OutcomeTest : public ConsentTest {};

// A consent that permits anything says whom it is about; no more of the Patient goes than that.
TEST_F(OutcomeTest, WhatPermitsAnythingLetsThePatientGoWithTheMinimum) {
    const fhir::Json only_labs = consent(R"({"type":"deny","provision":[{"type":"permit",)" +
                                         class_of("Observation") + "}]}");
    EXPECT_TRUE(allows(only_labs));
    std::vector<PacketResource> record{
        given(
            R"({"resourceType":"Patient","id":"p","name":[{"text":"Test, Ada"}],"birthDate":"1970-01-01","gender":"female","identifier":[{"value":"7"}],"maritalStatus":{"text":"ZEBRA"},"address":[{"text":"ZEBRA"}]})"),
        given(
            R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})")};
    const auto consented =
        apply_consent(only_labs, request(), "Patient/p", std::move(record), now, sensitivity());
    ASSERT_TRUE(consented.ok());
    ASSERT_EQ(consented->resources.size(), 2U);
    EXPECT_EQ(printed(*consented).find("ZEBRA"), std::string::npos);
    for (const char* word : {"Test, Ada", "1970-01-01", "female", R"("value":"7")"})
        EXPECT_NE(printed(*consented).find(word), std::string::npos) << word;
    EXPECT_EQ(refusal(all_but(class_of("Patient"))), ErrorKind::Denied);
    EXPECT_EQ(refusal(consent(R"({"type":"deny"})")), ErrorKind::Denied);
}

// What an extension of the Patient betrays is taken out, as the Patient cannot be.
TEST_F(OutcomeTest, AnExtensionOfThePatientThatBetraysIsTakenOut) {
    std::vector<PacketResource> record{given(
        R"({"resourceType":"Patient","id":"p","name":[{"text":"Test, Ada"}],"extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity","valueCodeableConcept":{"text":"ZEBRA"}},{"url":"http://example.org/note","valueString":"Has HIV, ZEBRA"},{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":{"city":"Bonn"}}]})")};
    const auto consented =
        apply_consent(everything(), request(), "Patient/p", std::move(record), now, sensitivity());
    ASSERT_TRUE(consented.ok());
    EXPECT_EQ(printed(*consented).find("ZEBRA"), std::string::npos);
    EXPECT_NE(printed(*consented).find("Bonn"), std::string::npos);
    ASSERT_EQ(consented->changes.size(), 1U);
    EXPECT_EQ(consented->changes[0].rule.view(), "consent.patient");
}

// A nested rule that begins or ends between the making of the packet and its sending.
TEST_F(OutcomeTest, IsDecidedAgainByTheTimeOfSending) {
    const fhir::Json until = consent(
        R"({"type":"deny","provision":[{"type":"permit",)" + class_of("Observation") +
        R"(,"period":{"end":"2026-11-24"}},{"type":"permit",)" + class_of("Condition") + "}]}");
    const std::vector<PacketResource> stored{
        given(patient_text),
        given(
            R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]}})")};
    const auto check = [&](const fhir::Json& asked, const char* time) {
        return check_outcome(asked, request(), "Patient/p", stored, instant(time), sensitivity());
    };
    EXPECT_TRUE(depends_on_time(until));
    EXPECT_TRUE(check(until, "2026-11-24T10:00:00Z").ok());
    EXPECT_EQ(check(until, "2026-11-26T10:00:00Z").error().kind(), ErrorKind::Denied);
    const fhir::Json from =
        all_but(class_of("Observation") + R"(,"period":{"start":"2026-11-25"})");
    EXPECT_TRUE(check(from, "2026-11-24T10:00:00Z").ok());
    EXPECT_FALSE(check(from, "2026-11-26T10:00:00Z").ok());
    EXPECT_FALSE(depends_on_time(everything()));
}

}  // namespace
}  // namespace consultd::testing
