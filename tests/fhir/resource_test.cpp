#include "fhir/resource.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

Result<Resource> resource(const char* text) { return Resource::from(*Json::parse(text)); }

TEST(ResourceTest, SaysWhatItIs) {
    const auto patient =
        resource(R"({"id":"1","resourceType":"Patient","meta":{"versionId":"7"}})");
    ASSERT_TRUE(patient.ok());
    EXPECT_EQ(patient->type(), "Patient");
    EXPECT_EQ(patient->key(), "Patient/1");
    EXPECT_EQ(patient->version_id(), "7");
    EXPECT_EQ(resource(R"({"resourceType":"Observation"})")->key(), "Observation");
}

TEST(ResourceTest, WhatIsNoR4ResourceIsMalformed) {
    for (const char* text :
         {"[]", "null", R"("Patient")", "{}", R"({"resourceType":7})", R"({"resourceType":""})",
          R"({"resourceType":"Conformance"})", R"({"resourceType":"DomainResource"})",
          R"({"resourceType":"patient"})", R"({"resourceType":"Patient","id":""})",
          R"({"resourceType":"Patient","id":"a b"})", R"({"resourceType":"Patient","id":1})",
          R"({"resourceType":"Patient","id":"a/b"})"}) {
        const auto parsed = resource(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().kind(), ErrorKind::Malformed);
    }
}

TEST(ResourceTest, IdsAreLettersDigitsDashesAndDots) {
    EXPECT_TRUE(is_id("c757873d-ec9a-4326-a141-556f43239520"));
    EXPECT_TRUE(is_id(std::string(64, 'Z')));
    EXPECT_FALSE(is_id(std::string(65, 'Z')));
    for (const char* text : {"", " ", "a b", "a_b", "a/b", "\xc3\xa9", "a\n"})
        EXPECT_FALSE(is_id(text)) << text;
}

TEST(ResourceTest, KnowsTheFirstAndTheLastTypeOfR4AndNoneBeyond) {
    for (const char* name : {"Account", "VisionPrescription", "Bundle", "Parameters", "Binary",
                             "BodyStructure", "MolecularSequence"})
        EXPECT_TRUE(is_resource_type(name)) << name;
    for (const char* name : {"", "Resource", "Sequence", "BodySite", "ProcedureRequest", "Account ",
                             "Element", "Quantity"})
        EXPECT_FALSE(is_resource_type(name)) << name;
}

}  // namespace
}  // namespace consultd::fhir
