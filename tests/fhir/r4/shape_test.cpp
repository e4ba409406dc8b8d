#include "fhir/r4/shape.h"

#include <gtest/gtest.h>

namespace consultd::fhir::r4 {
namespace {

std::string misshapen(const std::string& members) {
    return misshapen_element(*Json::parse(R"({"resourceType":"Observation",)" + members + "}"));
}

TEST(ShapeTest, AMemberOfTheWrongJsonKindIsNamed) {
    EXPECT_EQ(misshapen(R"("category":{"coding":[]})"), "Observation.category");
    EXPECT_EQ(misshapen(R"("category":[{"coding":{"code":"x"}}])"),
              "Observation.category[0].coding");
    EXPECT_EQ(misshapen(R"("category":[{},"x"])"), "Observation.category");
    EXPECT_EQ(misshapen(R"("code":[{"text":"x"}])"), "Observation.code");
    EXPECT_EQ(misshapen(R"("code":"x")"), "Observation.code");
    EXPECT_EQ(misshapen(R"("status":["final"])"), "Observation.status");
    EXPECT_EQ(misshapen(R"("status":{"value":"final"})"), "Observation.status");
    EXPECT_EQ(misshapen(R"("meta":{"profile":"http://x.org"})"), "Observation.meta.profile");
    EXPECT_EQ(misshapen(R"("meta":{"profile":[{"x":1}]})"), "Observation.meta.profile");
    EXPECT_EQ(misshapen(R"("_status":[{"id":"x"}])"), "Observation.status");
    EXPECT_EQ(misshapen(R"("contained":[{"resourceType":"Patient","name":{}}])"),
              "Observation.contained[0].name");
    EXPECT_EQ(misshapen(R"("extension":{"url":"u"})"), "Observation.extension");
}

TEST(ShapeTest, WhatIsOnlyWrongInItsValueOrNotKnownHasItsShape) {
    EXPECT_EQ(misshapen(R"("status":"none of the codes","value":{"a":[1]},"novel":{"x":[{}]})"),
              "");
    EXPECT_EQ(misshapen(R"("valueQuantity":{"value":"5"},"category":[],"code":{})"), "");
    EXPECT_EQ(misshapen(R"("category":null,"meta":{"profile":[null]})"), "");
    EXPECT_EQ(misshapen(R"("_status":{"extension":[{"url":"u","valueCode":"x"}]})"), "");
}

TEST(ShapeTest, NestingWithoutEndIsMisshapen) {
    std::string inside = R"({"url":"u"})";
    for (int i = 0; i < 80; ++i) inside = R"({"url":"u","extension":[)" + inside + "]}";
    const auto json = Json::parse(R"({"resourceType":"Patient","extension":[)" + inside + "]}",
                                  {.depth_max = 500});
    EXPECT_NE(misshapen_element(*json), "");
}

}  // namespace
}  // namespace consultd::fhir::r4
