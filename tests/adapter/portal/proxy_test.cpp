#include "adapter/portal/proxy.h"

#include <gtest/gtest.h>

namespace consultd::portal {
namespace {

using fhir::Json;

const fhir::Url base = fhir::Url::parse("https://ehr.example/fhir").value();
const Json consent =
    Json::parse(R"({"resourceType":"Consent","patient":{"reference":"Patient/kid-1"},
                                     "performer":[{"reference":"Patient/kid-1"}]})")
        .value();

Proxy father() {
    return {.user = "RelatedPerson/7",
            .name = "Casimir Halberd",
            .patient_name = "Inigo Halberd",
            .relationship = Json::parse(R"([{"coding":[
                {"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":"FTH"}]}])")
                                .value()};
}

TEST(ProxyTest, ThePatientThemselfIsNoneByWhateverNameTheServerHas) {
    for (const char* self : {"", "Patient/kid-1", "https://ehr.example/fhir/Patient/kid-1",
                             "https://inside.example/r4/Patient/kid-1",
                             "https://ehr.example/fhir/Patient/kid-1/_history/3"})
        EXPECT_FALSE(proxy_user(self, "kid-1", base)) << self;
}

TEST(ProxyTest, WhoeverElseSignedInIsOne) {
    EXPECT_EQ(proxy_user("RelatedPerson/7", "kid-1", base), "RelatedPerson/7");
    EXPECT_EQ(proxy_user("https://ehr.example/fhir/RelatedPerson/7/_history/2", "kid-1", base),
              "RelatedPerson/7");
    EXPECT_EQ(proxy_user("https://ehr.example/fhir/Person/9", "kid-1", base), "Person/9");
    EXPECT_EQ(proxy_user("Patient/mother-1", "kid-1", base), "Patient/mother-1");
    EXPECT_EQ(proxy_user("https://else.example/fhir/Practitioner/2", "kid-1", base),
              "https://else.example/fhir/Practitioner/2");
    // Not by the end of an id.
    EXPECT_EQ(proxy_user("Patient/not-kid-1", "kid-1", base), "Patient/not-kid-1");
}

TEST(ProxyTest, TheConsentNamesWhoAgreedWithTheRelationship) {
    const Json agreed = agreed_for(consent, father(), base);
    const fhir::JsonView person = agreed["contained"].items()[0];
    const fhir::JsonView performer = agreed["performer"].items()[0];
    EXPECT_EQ(agreed["performer"].size(), 1U);
    EXPECT_EQ(performer["reference"].string(), "#" + std::string(person["id"].string()));
    EXPECT_EQ(performer["type"].string(), "RelatedPerson");
    EXPECT_EQ(performer["display"].string(), "Casimir Halberd");
    EXPECT_EQ(person["patient"]["reference"].string(), "Patient/kid-1");
    EXPECT_EQ(person["identifier"].items()[0]["value"].string(),
              "https://ehr.example/fhir/RelatedPerson/7");
    EXPECT_EQ(relationship_code(father()), "FTH");
}

// A mother may be a patient there too: her own id is nobody else's business.
TEST(ProxyTest, AnotherPatientsIdIsNotToldOn) {
    Proxy mother = father();
    mother.user = "Patient/mother-1";
    EXPECT_EQ(agreed_for(consent, mother, base).print().find("mother-1"), std::string::npos);
}

TEST(ProxyTest, APractitionerIsNoRelatedPerson) {
    Proxy doctor = father();
    doctor.user = "Practitioner/2";
    const Json agreed = agreed_for(consent, doctor, base);
    EXPECT_FALSE(agreed.has("contained"));
    EXPECT_EQ(agreed["performer"].items()[0]["type"].string(), "Practitioner");
}

TEST(ProxyTest, OnlyWordsOfHl7sListGoIntoTheLog) {
    Proxy one = father();
    for (const char* other :
         {R"([{"text":"his father Casimir"}])",
          R"([{"coding":[{"system":"urn:own","code":"FTH"}]}])",
          R"([{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode",
                          "code":"Casimir"}]}])"}) {
        one.relationship = Json::parse(other).value();
        EXPECT_EQ(relationship_code(one), "");
    }
}

}  // namespace
}  // namespace consultd::portal
