// What a terminology server makes of a ValueSet, page by page.
#include "adapter/knowledge/expansion.h"

#include "knowledge_fixture.h"

namespace consultd {
namespace {

using fhir::Json;

const std::string filtered =
    R"({"resourceType":"ValueSet","name":"Opioids","compose":{"include":[{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"75544000"}]}]}})";

Json answer(const std::string& expansion) {
    return *Json::parse(R"({"resourceType":"ValueSet","expansion":)" + expansion + "}");
}

Json page(std::size_t from, std::size_t count, std::size_t total) {
    std::string codes;
    for (std::size_t i = from; i < from + count; ++i)
        codes += (codes.empty() ? "" : ",") +
                 (R"({"system":"urn:x","code":"c)" + std::to_string(i) + R"("})");
    return answer(R"({"total":)" + std::to_string(total) + R"(,"contains":[)" + codes + "]}");
}

TEST(Expansion, OnlyAValueSetThatDoesNotListItsCodesNeedsOne) {
    EXPECT_TRUE(needs_expansion(*Json::parse(filtered)));
    EXPECT_TRUE(needs_expansion(*Json::parse(R"({"resourceType":"ValueSet"})")));
    EXPECT_TRUE(needs_expansion(*Json::parse(
        R"({"resourceType":"ValueSet","compose":{"include":[{"valueSet":["urn:other"]}]}})")));
    EXPECT_FALSE(needs_expansion(*Json::parse(
        R"({"resourceType":"ValueSet","compose":{"include":[{"system":"urn:x","concept":[{"code":"1"}]}]}})")));
    EXPECT_FALSE(needs_expansion(
        *Json::parse(R"({"resourceType":"ValueSet","expansion":{"contains":[]}})")));
    EXPECT_FALSE(needs_expansion(*Json::parse(R"({"name":"rows","rows":[]})")));
}

TEST(Expansion, TheServerIsAskedForEachPageWithTheValueSetAndNothingElse) {
    Expansion expansion;
    const Json set = *Json::parse(filtered);
    ASSERT_TRUE(expansion.take_page(page(0, 1000, 1001)).ok());
    const Json request = expansion.request(set);
    EXPECT_EQ(request["parameter"].size(), 3U);
    EXPECT_TRUE(same_value(request["parameter"].items()[0]["resource"], set));
    EXPECT_EQ(request["parameter"].items()[1]["valueInteger"].integer(), 1000);
    EXPECT_TRUE(*expansion.take_page(page(1000, 1, 1001)));
    EXPECT_EQ(expansion.expanded(set, "2026-01-01")["expansion"]["contains"].size(), 1001U);
}

TEST(Expansion, APartIsNeverTakenForTheWhole) {
    Expansion endless, ended, other;
    EXPECT_FALSE(*endless.take_page(page(0, 1000, 5000)));
    EXPECT_EQ(endless.take_page(page(0, 1000, 5000)).error().kind(), ErrorKind::Malformed)
        << "the same page again";
    EXPECT_FALSE(*ended.take_page(page(0, 10, 20)));
    EXPECT_EQ(ended.take_page(page(0, 0, 20)).error().kind(), ErrorKind::Malformed);
    EXPECT_EQ(
        other.take_page(*Json::parse(R"({"resourceType":"OperationOutcome"})")).error().kind(),
        ErrorKind::Malformed);
}

TEST(Expansion, WithoutATotalAFullPageIsNotTheLast) {
    Expansion expansion;
    std::string codes;
    for (int i = 0; i < 1000; ++i)
        codes += (i == 0 ? "" : ",") + (R"({"system":"s","code":")" + std::to_string(i) + R"("})");
    EXPECT_FALSE(*expansion.take_page(answer(R"({"contains":[)" + codes + "]}")));
    EXPECT_TRUE(*expansion.take_page(answer(R"({"contains":[{"system":"s","code":"last"}]})")));
}

TEST(Expansion, WhatIsNestedAbstractOrRepeatedIsOneListInOrder) {
    Expansion expansion;
    EXPECT_TRUE(*expansion.take_page(answer(
        R"({"total":4,"contains":[{"display":"a heading","abstract":true,"contains":[{"system":"s","code":"2"},{"system":"s","code":"1"}]},{"system":"s","code":"2"}]})")));
    EXPECT_EQ(expansion.codes_text(), "s|1\ns|2\n");
}

}  // namespace
}  // namespace consultd
