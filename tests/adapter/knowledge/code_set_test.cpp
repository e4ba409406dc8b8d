#include "adapter/knowledge/code_set.h"

#include <gtest/gtest.h>

namespace consultd {
namespace {

using fhir::Json;

Json json(const char* text) { return Json::parse(text).value(); }

TEST(CodeSet, ACodeIsFoundUnderItsSystemAndMayBeUnderAnUnknownOne) {
    const CodeSet codes(json(R"({"urn:a":["1","2"],"urn:b":["2"]})"));
    NamedSystems named;
    named.add("urn:a");
    named.add("urn:b");
    EXPECT_TRUE(codes.holds("urn:a", "1"));
    EXPECT_TRUE(codes.holds("urn:b", "2"));
    EXPECT_FALSE(codes.holds("urn:b", "1"));
    EXPECT_FALSE(codes.holds("", "1"));
    EXPECT_FALSE(codes.may_hold("urn:b", "1", named));
    EXPECT_TRUE(codes.may_hold("urn:c", "1", named));
    EXPECT_TRUE(codes.may_hold("", "1", named));
    EXPECT_FALSE(codes.may_hold("urn:a", "3", named));
    EXPECT_FALSE(CodeSet().holds("urn:a", ""));
}

TEST(CodeSet, AnyCodingOfAConceptOrOfAListOfThemCounts) {
    const CodeSet codes(json(R"({"urn:a":["1"]})"));
    const Json one = json(R"({"coding":[{"code":"1"},{"system":"urn:a","code":"1"}]})");
    EXPECT_TRUE(codes.is_in(one));
    EXPECT_TRUE(codes.is_in(Json::array({json("{}"), one})));
    EXPECT_FALSE(codes.is_in(json(R"({"coding":[{"code":"1"}]})")));
    EXPECT_TRUE(codes.may_be_in(json(R"({"coding":[{"code":"1"}]})"), {}));
    for (const char* broken : {"null", "[]", R"({"coding":{"code":"1"}})", R"("1")"})
        EXPECT_FALSE(codes.may_be_in(json(broken), {})) << broken;
}

TEST(CodeSet, SetsAddUp) {
    CodeSet codes(json(R"({"urn:b":["5"]})"));
    codes.add(CodeSet(json(R"({"urn:a":["3"]})")));
    EXPECT_TRUE(codes.holds("urn:a", "3"));
    EXPECT_TRUE(codes.holds("urn:b", "5"));
    EXPECT_EQ(codes.codes().size(), 2U);
}

}  // namespace
}  // namespace consultd
