#include "adapter/knowledge/quirks.h"

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using testing::built_in;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::problems_of;
using testing::text_of;

// OMB's categories, as http://hl7.org/fhir/us/core/ValueSet/omb-race-category lists them.
TEST(Quirks, RaceAndEthnicityAreBoundToTheCategoriesOfOmb) {
    ASSERT_EQ(built_in().quirks.bound_extensions.size(), 2U);
    const BoundExtension& race = built_in().quirks.bound_extensions[0];
    EXPECT_EQ(race.type, "Patient");
    EXPECT_EQ(race.part, "ombCategory");
    const NamedSystems& named = built_in().quirks.named;
    constexpr std::string_view cdc = "urn:oid:2.16.840.1.113883.6.238";
    for (const char* code : {"1002-5", "2028-9", "2054-5", "2076-8", "2106-3"})
        EXPECT_TRUE(race.codes.may_hold(cdc, code, named)) << code;
    EXPECT_TRUE(race.codes.may_hold("", "2106-3", named)) << "no system proves nothing";
    EXPECT_FALSE(race.codes.may_hold(cdc, "2135-2", named)) << "an ethnicity is no race";
    EXPECT_FALSE(race.codes.may_hold(cdc, "UNK", named)) << "of another system";
}

TEST(Quirks, WhatIsBoundTwiceOrOfNoTypeIsAProblem) {
    const std::string row =
        R"({"seen":"here","type":"Patients","extension":"urn:x","part":"p","codes":{},"source":"s"})";
    EXPECT_THAT(problems_of({text_of(KnowledgeKind::Quirk,
                                     R"({"name":"own","version":"2026-01-01","description":"d",)"
                                     R"("boundExtensions":[)" +
                                         row + "," + row + "]}")}),
                ElementsAre(HasSubstr("/boundExtensions/0/type is no resource type of R4"),
                            HasSubstr("/boundExtensions/0/codes lists no code"),
                            HasSubstr("/boundExtensions/1/type is no resource type of R4"),
                            HasSubstr("/boundExtensions/1/codes lists no code"),
                            HasSubstr("/boundExtensions/1 is bound by another row already")));
}

}  // namespace
}  // namespace consultd
