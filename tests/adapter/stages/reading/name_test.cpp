// What a resource is called: under each name that R4 gives it, once.
#include <gtest/gtest.h>

#include <map>

#include "tests/adapter/stages/reading/statement_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

// Under each name that R4 gives it.
TEST_F(StatementTest, WhateverHasANameIsCalledByIt) {
    const std::map<std::string, std::string> named = {
        {"DeviceRequest", R"("codeCodeableConcept":{"text":"N1"})"},
        {"DeviceRequest ", R"("codeReference":{"display":"N1"})"},
        {"DeviceRequest  ",
         R"("contained":[{"resourceType":"Device","id":"d","type":{"text":"N1"}}],)"
         R"("codeReference":{"reference":"#d"})"},
        {"NutritionOrder", R"("oralDiet":{"type":[{"text":"N1"}]})"},
        {"NutritionOrder ", R"("supplement":[{"productName":"N1"}])"},
        {"NutritionOrder  ", R"("enteralFormula":{"baseFormulaType":{"text":"N1"}})"},
        {"Communication", R"("topic":{"text":"N1"},"category":[{"text":"alert"}])"},
        {"Communication ", R"("payload":[{"contentString":"N1"}])"},
        {"CommunicationRequest", R"("payload":[{"contentReference":{"display":"N1"}}])"},
        {"ClinicalImpression", R"("code":{"text":"N1"})"},
        {"ClinicalImpression ", R"("finding":[{"itemCodeableConcept":{"text":"N1"}}])"},
        {"ClinicalImpression  ", R"("finding":[{"itemReference":{"display":"N1"}}])"},
        {"SupplyRequest", R"("itemCodeableConcept":{"text":"N1"})"},
        {"SupplyDelivery", R"("suppliedItem":{"itemCodeableConcept":{"text":"N1"}})"},
        {"QuestionnaireResponse", R"("questionnaire":"http://h/Questionnaire/N1|2.0")"},
        {"QuestionnaireResponse ",
         R"("questionnaire":"http://h/q7","_questionnaire":{"extension":[{"url":)"
         R"("http://hl7.org/fhir/StructureDefinition/display","valueString":"N1"}]})"},
        {"QuestionnaireResponse  ",
         R"("contained":[{"resourceType":"Questionnaire","id":"q","title":"N1"}],)"
         R"("questionnaire":"#q")"}};
    for (const auto& [type, more] : named)
        EXPECT_EQ(say(R"({"resourceType":")" + type.substr(0, type.find(' ')) +
                      R"(","id":"x","status":"active",)" + more + "}")
                      .what,
                  "N1")
            << type;
}

TEST_F(StatementTest, ALongMessageIsWhatIsSaidAndNoName) {
    const std::string text(200, 'n');
    const Statement& one =
        say(R"({"resourceType":"Communication","id":"x","status":"completed","payload":[)"
            R"({"contentString":")" +
            text + R"("}]})");
    EXPECT_EQ(one.what, "Message");
    EXPECT_EQ(one.value, text);
}

TEST_F(StatementTest, WhatItsNameSaysIsNotSaidAgain) {
    const auto words = [&](const std::string& name) {
        return say(R"({"resourceType":"Condition","id":"c","clinicalStatus":{"coding":[{"code":)"
                   R"("remission"}]},"code":{"text":")" +
                   name + "\"}}")
            .words;
    };
    EXPECT_EQ(words("Acute myeloid leukemia, in remission"), "");
    EXPECT_EQ(words("Acute myeloid leukemia"), "in remission");
    EXPECT_EQ(words("Acute myeloid leukemia not in remission"), "in remission");
}

}  // namespace
}  // namespace consultd
