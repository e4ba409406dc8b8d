#include <gtest/gtest.h>

#include "adapter/stages/deliver/deliver.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

DestinationCapability capability_of(testing::FakeFhirServer& server) {
    return destination_capability(fhir::Capability::read(server.client(), server.call()).value());
}

TEST(DestinationCapabilityTest, IdsAreOursOnlyWhereTheServerSaysSoForEveryType) {
    testing::FakeFhirServer server;
    EXPECT_FALSE(capability_of(server).update_create);
}

TEST(DestinationCapabilityTest, TagsFindOnlyWhereTheServerSaysSo) {
    testing::FakeFhirServer server;
    server.offer("Binary", {"_tag"});
    server.offer("Patient", {"identifier"});
    const DestinationCapability there = capability_of(server);
    EXPECT_TRUE(there.found_by_tag.contains("Binary"));
    EXPECT_FALSE(there.found_by_tag.contains("Patient"));
}

}  // namespace
}  // namespace consultd
