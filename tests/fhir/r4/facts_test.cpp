#include "fhir/r4/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fhir/r4/elements.h"
#include "fhir/resource.h"

namespace consultd::fhir::r4 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> of(std::string_view type, About about) {
    std::vector<std::string> elements;
    for (const Fact& fact : find_facts(type)->of(about)) elements.emplace_back(fact.element.view());
    return elements;
}
std::vector<std::string> values(const std::string& resource, std::string_view element) {
    std::vector<std::string> found;
    const Json json = Json::parse(resource).value();
    for (const FoundValue& one : values_of(json, element))
        found.push_back(std::string(one.type) + " " + one.value.print());
    return found;
}

TEST(Facts, EachTypeOfR4HasSome) {
    for (const char* type : {"Account", "Observation", "VisionPrescription", "Parameters"})
        EXPECT_NE(find_facts(type), nullptr) << type;
    for (const char* type : {"", "Resource", "DomainResource", "observation", "BodySite"})
        EXPECT_EQ(find_facts(type), nullptr) << type;
}

TEST(Facts, SubjectIsWhomItIsAboutAndNotWhoTookPart) {
    EXPECT_THAT(of("Observation", About::Subject), ElementsAre("subject"));
    EXPECT_THAT(of("AllergyIntolerance", About::Subject), ElementsAre("patient"));
    EXPECT_THAT(of("Task", About::Subject), ElementsAre("for"));
    EXPECT_THAT(of("Appointment", About::Subject), ElementsAre("participant.actor"));
    EXPECT_THAT(of("Coverage", About::Subject), ElementsAre("beneficiary"));
    EXPECT_THAT(of("Coverage", About::Other), ElementsAre("subscriber", "policyHolder", "payor"));
    EXPECT_THAT(of("Practitioner", About::Subject), IsEmpty());
}

TEST(Facts, SharedIsWhatNoReferenceLeadsFromToAPatient) {
    for (const char* type :
         {"Practitioner", "Organization", "Location", "Medication", "Substance", "PractitionerRole",
          "Endpoint", "HealthcareService", "Binary", "Questionnaire"})
        EXPECT_EQ(find_facts(type)->sharing, Sharing::Shared) << type;
    EXPECT_EQ(find_facts("Device")->sharing, Sharing::PatientsOrShared);
    EXPECT_EQ(find_facts("Provenance")->sharing, Sharing::ByTarget);
    for (const char* type : {"Observation", "Patient", "Encounter", "Group", "Person"})
        EXPECT_EQ(find_facts(type)->sharing, Sharing::Patients) << type;
    for (const char* type : {"Bundle", "OperationOutcome", "EnrollmentResponse", "MessageHeader"})
        EXPECT_EQ(find_facts(type)->sharing, Sharing::None) << type;
}

TEST(Facts, TimesAreTheClinicalOnesWithWhatTheySay) {
    EXPECT_THAT(of("Condition", About::Init), ElementsAre("onset"));
    EXPECT_THAT(of("Condition", About::Done), ElementsAre("abatement"));
    EXPECT_THAT(of("Condition", About::Recorded), ElementsAre("recordedDate"));
    EXPECT_THAT(of("Specimen", About::Init), ElementsAre("collection.collected"));
    EXPECT_THAT(of("DocumentReference", About::Dated), ElementsAre("context.period"));
    EXPECT_THAT(of("ServiceRequest", About::Planned), ElementsAre("occurrence"));
    for (const char* type : {"Patient", "Medication", "Organization"})
        for (const About about : {About::Done, About::Init, About::Recorded, About::Dated})
            EXPECT_THAT(of(type, about), IsEmpty()) << type;
}

TEST(Facts, CodeIsWhatItIs) {
    EXPECT_THAT(of("Observation", About::Code), ElementsAre("code"));
    EXPECT_THAT(of("MedicationRequest", About::Code), ElementsAre("medication"));
    EXPECT_THAT(of("Immunization", About::Code), ElementsAre("vaccineCode"));
    EXPECT_THAT(of("DocumentReference", About::Code), ElementsAre("type"));
}

TEST(Facts, StandingIsWhatTurnsTheMeaning) {
    EXPECT_THAT(of("Condition", About::Standing),
                ElementsAre("clinicalStatus", "verificationStatus"));
    EXPECT_THAT(of("MedicationRequest", About::Standing),
                ElementsAre("status", "intent", "doNotPerform"));
    EXPECT_THAT(of("Goal", About::Standing), ElementsAre("lifecycleStatus"));
    EXPECT_THAT(of("AdverseEvent", About::Standing), ElementsAre("actuality"));
}

TEST(Facts, ValuesAreFoundThroughChoicesListsAndParts) {
    EXPECT_THAT(
        values(R"({"resourceType":"Condition","onsetAge":{"value":4},"onset":"x"})", "onset"),
        ElementsAre(R"(Age {"value":4})"));
    EXPECT_THAT(values(R"({"resourceType":"Appointment","participant":[
                           {"actor":{"reference":"Patient/1"}},{},{"actor":{"reference":"Patient/2"}}]})",
                       "participant.actor"),
                ElementsAre(R"(Reference {"reference":"Patient/1"})",
                            R"(Reference {"reference":"Patient/2"})"));
    EXPECT_THAT(
        values(R"({"resourceType":"Encounter","type":[{"text":"a"},{"text":"b"}]})", "type"),
        ElementsAre(R"(CodeableConcept {"text":"a"})", R"(CodeableConcept {"text":"b"})"));
    EXPECT_THAT(values(R"({"resourceType":"Specimen","collection":{"collectedDateTime":"2020"}})",
                       "collection.collected"),
                ElementsAre(R"(dateTime "2020")"));
    EXPECT_THAT(values(R"({"resourceType":"None","subject":1})", "subject"), IsEmpty());
}

}  // namespace
}  // namespace consultd::fhir::r4
