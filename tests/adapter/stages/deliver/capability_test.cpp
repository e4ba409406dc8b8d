#include <gtest/gtest.h>

#include "adapter/stages/deliver/deliver.h"
#include "tests/support/fake_fhir_server.h"

namespace consultd {
namespace {

TEST(DestinationCapabilityTest, IdsAreOursOnlyWhereTheServerSaysSoForEveryType) {
    testing::FakeFhirServer server;
    EXPECT_FALSE(read_capability(server.client(), server.call())->update_create);
}

TEST(DestinationCapabilityTest, TagsFindOnlyWhereTheServerSaysSo) {
    testing::FakeFhirServer server;
    server.offer("Binary", {"_tag"});
    server.offer("Patient", {"identifier"});
    const auto there = read_capability(server.client(), server.call());
    ASSERT_TRUE(there.ok());
    EXPECT_TRUE(there->found_by_tag.contains("Binary"));
    EXPECT_FALSE(there->found_by_tag.contains("Patient"));
}

}  // namespace
}  // namespace consultd
