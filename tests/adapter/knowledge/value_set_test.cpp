// FHIR ValueSets as operators export them from a terminology server.
#include "adapter/knowledge/sensitivity.h"
#include "knowledge_fixture.h"

namespace consultd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::problems_of;
using testing::text_of;

constexpr std::string_view snomed = "http://snomed.info/sct";

KnowledgeText value_set(const std::string& members, const std::string& label = "SUD") {
    return text_of(KnowledgeKind::Sensitivity,
                   R"({"resourceType":"ValueSet","url":"http://example.org/vs","name":"OpioidUse",)"
                   R"("version":"20260101","status":"active","useContext":[{"code":{"system":)"
                   R"("http://terminology.hl7.org/CodeSystem/usage-context-type","code":"focus"},)"
                   R"("valueCodeableConcept":{"coding":[{"system":)"
                   R"("http://terminology.hl7.org/CodeSystem/v3-ActCode","code":")" +
                       label + R"("}]}}],)" + members + "}");
}

std::vector<std::string> labels(const Knowledge& knowledge, std::string_view code) {
    return testing::labels_of(knowledge.sensitivity.of_code(snomed, code));
}

TEST(ValueSet, ItsListedCodesCarryItsLabelLessThoseLeftOut) {
    const Knowledge knowledge = testing::with(
        {value_set(R"("compose":{"include":[{"system":"http://snomed.info/sct","concept":)"
                   R"([{"code":"75544000"},{"code":"73211009"}]}],"exclude":[{"system":)"
                   R"("http://snomed.info/sct","concept":[{"code":"73211009"}]}]})")});
    EXPECT_THAT(labels(knowledge, "75544000"), ElementsAre("SUD"));
    EXPECT_THAT(labels(knowledge, "73211009"), IsEmpty());
    EXPECT_THAT(labels(knowledge, "5602001"), ElementsAre("SUD")) << "what is built in stays";
}

// What is nested, abstract or inactive counts too: a record may still carry it.
TEST(ValueSet, ItsExpansionCountsToTheLastCode) {
    const Knowledge knowledge = testing::with({value_set(
        R"("compose":{"include":[{"system":"http://snomed.info/sct","filter":[{"property":)"
        R"("concept","op":"is-a","value":"75544000"}]}]},"expansion":{"timestamp":"2026-01-01",)"
        R"("total":2,"contains":[{"system":"http://snomed.info/sct","code":"75544000","abstract":)"
        R"(true,"contains":[{"system":"http://snomed.info/sct","code":"73211009","inactive":true}]}]})")});
    EXPECT_THAT(labels(knowledge, "75544000"), ElementsAre("SUD"));
    EXPECT_THAT(labels(knowledge, "73211009"), ElementsAre("SUD"));
}

// What only a terminology server can work out is refused, never left out.
TEST(ValueSet, WhatDoesNotListAllItsCodesIsRefused) {
    EXPECT_THAT(
        problems_of({value_set(
            R"("compose":{"include":[{"system":"http://snomed.info/sct"},{"valueSet":["http://x"]}]})")}),
        ElementsAre(HasSubstr("include[0] does not list its codes"),
                    HasSubstr("include[1] does not list its codes"), HasSubstr("lists no code")));
    EXPECT_THAT(problems_of({value_set(
                    R"("expansion":{"timestamp":"2026-01-01","total":3,"contains":[{"system":)"
                    R"("http://snomed.info/sct","code":"75544000"}]})")}),
                ElementsAre(HasSubstr("expansion is only a part of the whole")));
    EXPECT_THAT(problems_of({value_set(
                    R"("expansion":{"timestamp":"2026-01-01","contains":[{"code":"75544000"}]})")}),
                ElementsAre(HasSubstr("has a code without a system")));
}

TEST(ValueSet, WithoutALabelOrAsNoValidResourceItIsRefused) {
    const std::string list = R"("compose":{"include":[{"system":"http://snomed.info/sct",)"
                             R"("concept":[{"code":"75544000"}]}]})";
    EXPECT_THAT(problems_of({value_set(list, "OPIOIDS")}),
                ElementsAre(HasSubstr("ValueSet.useContext must have the code focus")));
    EXPECT_THAT(problems_of({value_set(list + R"(,"rows":[])")}),
                Contains(HasSubstr("x.json: ValueSet")));
    EXPECT_THAT(
        problems_of({text_of(KnowledgeKind::Sensitivity, R"({"resourceType":"ValueSet"})")}),
        Contains(HasSubstr("ValueSet.url is missing")));
}

}  // namespace
}  // namespace consultd
