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

}  // namespace
}  // namespace consultd
