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

std::string reshaped_of(const std::string& members) {
    const Json mended =
        reshaped(*Json::parse(R"({"resourceType":"AllergyIntolerance",)" + members + "}"));
    EXPECT_EQ(misshapen_element(mended), "") << mended.print();
    return mended.without("resourceType").print();
}

TEST(ReshapedTest, OneAndAListOfOneAreTheSameThing) {
    EXPECT_EQ(reshaped_of(R"("category":"food")"), R"({"category":["food"]})");
    EXPECT_EQ(reshaped_of(R"("note":{"text":["x"]})"), R"({"note":[{"text":"x"}]})");
    EXPECT_EQ(reshaped_of(R"("code":[{"coding":{"code":"1"}}])"),
              R"({"code":{"coding":[{"code":"1"}]}})");
    EXPECT_EQ(reshaped_of(R"("note":[null,{"text":"x"},null])"), R"({"note":[{"text":"x"}]})");
    EXPECT_EQ(reshaped_of(R"("contained":{"resourceType":"Patient","id":"p","name":{"text":"x"}})"),
              R"({"contained":[{"resourceType":"Patient","id":"p","name":[{"text":"x"}]}]})");
}

TEST(ReshapedTest, APrimitiveThatIsNoneIsItsText) {
    EXPECT_EQ(reshaped_of(R"("recordedDate":{"year":2010.0})"),
              R"({"_recordedDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/)"
              R"(data-absent-reason","valueCode":"as-text"},{"url":"http://hl7.org/fhir/)"
              R"(StructureDefinition/originalText","valueString":"{\"year\":2010.0}"}]}})");
}

// What decides is never turned into words: it stays what it is, and the resource is not kept.
TEST(ReshapedTest, WhatTheMeaningHangsOnStaysAsItIs) {
    for (const char* members :
         {R"("code":{"coding":[{"code":{"x":1}}]})", R"("patient":{"reference":["a","b"]})",
          R"("identifier":[{"value":[]}])", R"("meta":{"profile":{"x":1}})",
          R"("verificationStatus":"refuted")", R"("patient":"Patient/1")"}) {
        const Json broken =
            *Json::parse(std::string(R"({"resourceType":"AllergyIntolerance",)") + members + "}");
        EXPECT_NE(misshapen_element(reshaped(broken)), "") << members;
    }
}

}  // namespace
}  // namespace consultd::fhir::r4
