#include "adapter/audit/event.h"

#include <gtest/gtest.h>

#include "disclosures.h"

namespace consultd::audit {
namespace {

using fhir::Json;
using fhir::JsonView;

bool has_coding(JsonView codings, std::string_view system, std::string_view code) {
    for (const JsonView coding : codings.items())
        if (coding["system"].string() == system && coding["code"].string() == code) return true;
    return false;
}

JsonView agent_of(JsonView event, std::string_view code) {
    for (const JsonView agent : event["agent"].items())
        if (has_coding(agent.at("type", "coding"), "http://dicom.nema.org/resources/ontology/DCM",
                       code))
            return agent;
    return {};
}

Json outcome_of(DisclosureOutcome outcome) {
    return disclosure_outcome(a_disclosure(), "f4a4a3b2-0000-4000-8000-000000000001", 41, outcome,
                              "Task/77");
}

// What BALP's PrivacyDisclosure.Source 1.1.4 demands of an event that claims it.
void expect_satisfies_balp_disclosure(JsonView event) {
    EXPECT_EQ(event.at("type", "code").string(), "110106");
    EXPECT_EQ(event["action"].string(), "R");
    EXPECT_FALSE(event["outcome"].string().empty());
    EXPECT_TRUE(has_coding(
        event["subtype"], "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose"));
    for (const char* const role : {"110153", "110152"}) {
        EXPECT_TRUE(agent_of(event, role)["who"].is_object());
        EXPECT_EQ(agent_of(event, role).at("network", "type").string(), "5");
    }
    EXPECT_TRUE(same_value(agent_of(event, "110153")["who"], event.at("source", "observer")));
    EXPECT_GE(event["entity"].size(), 2U);
    const JsonView patient = event["entity"].items().front();
    EXPECT_EQ(patient.at("type", "code").string(), "1");
    EXPECT_EQ(patient.at("role", "code").string(), "1");
    EXPECT_EQ(patient.at("what", "type").string(), "Patient");
}

TEST(EventTest, ADisclosureThatTookPlaceClaimsAndSatisfiesTheProfile) {
    const Json event = outcome_of(DisclosureOutcome::Sent);
    EXPECT_EQ(event.at("meta", "profile").items().front().string(),
              "https://profiles.ihe.net/ITI/BALP/StructureDefinition/"
              "IHE.BasicAudit.PrivacyDisclosure.Source");
    expect_satisfies_balp_disclosure(event);
    EXPECT_EQ(event["outcome"].string(), "0");
}

TEST(EventTest, WhatDidNotTakePlaceClaimsNothing) {
    EXPECT_FALSE(disclosure_intent(a_disclosure()).has("meta"));
    EXPECT_FALSE(disclosure_intent(a_disclosure()).has("outcome"));
    for (const auto outcome : {DisclosureOutcome::NotSent, DisclosureOutcome::Refused}) {
        EXPECT_FALSE(outcome_of(outcome).has("meta"));
        EXPECT_EQ(outcome_of(outcome)["outcome"].string(), "8");
    }
}

// The outcome goes into the receipt, which stays small: the intent and the document itself say it.
TEST(EventTest, TheIntentAloneNamesTheKnowledge) {
    constexpr std::string_view knowledge = "knowledge-sha-256";
    EXPECT_NE(disclosure_intent(a_disclosure()).print().find(knowledge), std::string::npos);
    EXPECT_EQ(outcome_of(DisclosureOutcome::Sent).print().find(knowledge), std::string::npos);
}

TEST(EventTest, IntentAndOutcomeAreToldApartByOurSubtypes) {
    const Json intent = disclosure_intent(a_disclosure());
    EXPECT_TRUE(has_coding(intent["subtype"], "urn:consultd:audit", "disclosure-intent"));
    EXPECT_FALSE(has_coding(intent["subtype"], "urn:consultd:audit", "disclosure-outcome"));
    const Json outcome = outcome_of(DisclosureOutcome::Refused);
    EXPECT_TRUE(has_coding(outcome["subtype"], "urn:consultd:audit", "disclosure-outcome"));
}

// 45 CFR 164.528(b)(2): date, recipient, what, why; and the way back to the intent.
TEST(EventTest, AnswersWhatAnAccountingOfDisclosuresAsks) {
    const Json event = outcome_of(DisclosureOutcome::Sent);
    const std::string text = event.print();
    EXPECT_EQ(event["recorded"].string(), "2026-11-18T12:26:40.000Z");
    EXPECT_EQ(agent_of(event, "110152").at("who", "display").string(), "Cancer Center");
    EXPECT_EQ(agent_of(event, "110152").at("who", "identifier", "value").string(), "1234567893");
    for (const char* const fact :
         {R"("type":"sha-256")", R"("type":"consent-sha-256")", "Condition=12 Observation=96",
          R"({"type":"withheld","valueString":"3"})",
          R"({"type":"intent-index","valueString":"41"})",
          R"({"type":"destination-task","valueString":"Task/77"})", R"("code":"TREAT")",
          R"("system":"urn:consultd:patient-pseudonym","value":"5e884898da28")"})
        EXPECT_NE(text.find(fact), std::string::npos) << fact;
}

TEST(EventTest, NamesNoOrganizationIdentifierWhereThereIsNone) {
    Disclosure disclosure = a_disclosure();
    disclosure.destination_system.clear();
    disclosure.destination_value.clear();
    disclosure.source_name.clear();
    const Json event = disclosure_intent(disclosure);
    EXPECT_FALSE(agent_of(event, "110152")["who"].has("identifier"));
    EXPECT_EQ(agent_of(event, "110153").at("who", "display").string(),
              "https://ehr.general.example/fhir/r4");
    EXPECT_EQ(event.print().find("\"\""), std::string::npos);
}

TEST(EventTest, StartAndStopAreDicomsApplicationActivity) {
    const Json start = application_activity("1", Activity::Start, a_disclosure().recorded);
    EXPECT_EQ(start.at("type", "code").string(), "110100");
    EXPECT_TRUE(
        has_coding(start["subtype"], "http://dicom.nema.org/resources/ontology/DCM", "110120"));
    const Json stop = application_activity("2", Activity::Stop, a_disclosure().recorded);
    EXPECT_TRUE(
        has_coding(stop["subtype"], "http://dicom.nema.org/resources/ontology/DCM", "110121"));
}

TEST(EventTest, AForeignPatientsResourceIsAnAlertThatHoldsACountAlone) {
    const Json alert =
        foreign_patient_alert("3", "7d0c", "https://ehr.example/fhir", 2, a_disclosure().recorded);
    EXPECT_EQ(alert.at("type", "code").string(), "110113");
    EXPECT_NE(alert.print().find(R"({"type":"rejected-resources","valueString":"2"})"),
              std::string::npos);
}

}  // namespace
}  // namespace consultd::audit
