#include "adapter/stages/belonging/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace consultd {
namespace {

using ::testing::Eq;
using ::testing::Optional;

Addresses at_server() { return {fhir::Url::parse("https://ehr.example/fhir").value()}; }

TEST(Addresses, AnEntryIsElsewhereWhereItsUrlIsNotAtTheBase) {
    EXPECT_FALSE(at_server().is_elsewhere(""));
    EXPECT_FALSE(at_server().is_elsewhere("urn:uuid:1"));
    EXPECT_FALSE(at_server().is_elsewhere("http://ehr.example/fhir/Observation/1"));
    EXPECT_TRUE(at_server().is_elsewhere("https://ehr.example/other/Observation/1"));
    EXPECT_TRUE(at_server().is_elsewhere("https://other.example/a-file"));
    EXPECT_TRUE(Addresses::of_no_server().is_elsewhere("https://other.example/Observation/1"));
    EXPECT_FALSE(Addresses::of_no_server().is_elsewhere("https://other.example/a-file"));
}

TEST(Addresses, AUrnIsLookedForInItsOwnFileFirst) {
    Addresses addresses = at_server();
    addresses.add_urn(1, "urn:uuid:a", "Patient/anna");
    addresses.add_urn(2, "urn:uuid:a", "Patient/berta");
    addresses.add_urn(2, "urn:uuid:b", "Condition/b");
    EXPECT_THAT(addresses.key("urn:uuid:a", 1), Optional(Eq("Patient/anna")));
    EXPECT_THAT(addresses.key("urn:uuid:a", 2), Optional(Eq("Patient/berta")));
    EXPECT_FALSE(addresses.key("urn:uuid:a", 3)) << "it is not one thing there";
    EXPECT_THAT(addresses.key("urn:uuid:b", 1), Optional(Eq("Condition/b")));
}

TEST(Addresses, AUrnOfTwoThingsInOneFileIsNone) {
    Addresses addresses = at_server();
    addresses.add_urn(1, "urn:uuid:a", "Patient/anna");
    addresses.add_urn(1, "urn:uuid:a", "Patient/berta");
    EXPECT_FALSE(addresses.key("urn:uuid:a", 1));
}

// Servers behind a proxy write their own name into what they send.
TEST(Addresses, AnotherNameOfTheBaseIsTheBase) {
    Addresses addresses = at_server();
    EXPECT_FALSE(addresses.key("http://inside:8080/r4/Patient/anna"));
    addresses.add_alias(fhir::Url::parse("http://inside:8080/r4").value());
    EXPECT_THAT(addresses.key("http://inside:8080/r4/Patient/anna"), Optional(Eq("Patient/anna")));
    EXPECT_FALSE(addresses.is_elsewhere("http://inside:8080/r4/Observation/1"));
    EXPECT_TRUE(addresses.is_elsewhere("http://inside:8080/other/Observation/1"));
}

TEST(Addresses, HowAnAddressIsAnotherIsSaid) {
    const fhir::Url base = fhir::Url::parse("https://ehr.example/FHIR/r4").value();
    const auto how = [&](const char* address) {
        return std::string(how_foreign(base, address).view());
    };
    EXPECT_EQ(how("https://other.example/FHIR/r4/Patient/1"), "foreign-host");
    EXPECT_EQ(how("https://ehr.example:8443/FHIR/r4/Patient/1"), "other-port");
    EXPECT_EQ(how("https://ehr.example/fhir/R4/Patient/1"), "other-case");
    EXPECT_EQ(how("https://ehr.example/api/Patient/1"), "other-path");
}

}  // namespace
}  // namespace consultd
