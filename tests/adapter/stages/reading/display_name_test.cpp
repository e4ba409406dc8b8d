// What a resource is called: by its structure, by what is in it, by its own text; and by both where
// the record calls it by two names.
#include "tests/adapter/stages/reading/statement_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

class NameTest : public StatementTest {
protected:
    std::string name_of_medicine(const std::string& medication) {
        return say(R"({"resourceType":"MedicationRequest","id":"m","status":"active",)"
                   R"("intent":"order","reasonCode":[{"text":"pain"}],)" +
                   medication + "}")
            .what;
    }
    std::string name_of(const std::string& code) {
        return say(R"({"resourceType":"Condition","id":"c","code":)" + code + "}").what;
    }
};

TEST_F(NameTest, AProductIsCalledByWhatIsInItWhereItHasNoName) {
    EXPECT_EQ(name_of_medicine(
                  R"("contained":[{"resourceType":"Medication","id":"x","ingredient":[)"
                  R"({"itemCodeableConcept":{"text":"Trastuzumab"},"strength":)"
                  R"({"numerator":{"value":600,"unit":"mg"},"denominator":{"value":5,)"
                  R"("unit":"mL"}}},{"itemReference":{"reference":"#s"}}]},)"
                  R"({"resourceType":"Substance","id":"s","code":{"text":"Hyaluronidase"}}],)"
                  R"("medicationReference":{"reference":"#x"})"),
              "Trastuzumab 600 mg per 5 mL + Hyaluronidase");
}

TEST_F(NameTest, AMedicineIsNotCalledByWhatItIsForNorByOneEnteredInError) {
    EXPECT_EQ(name_of_medicine(R"("medicationReference":{"reference":"#x"})"), "");
    const Statement& wrong =
        say(R"({"resourceType":"MedicationRequest","id":"m","status":"active","contained":[)"
            R"({"resourceType":"Medication","id":"x","status":"entered-in-error","code":)"
            R"({"text":"ErrMed"}}],"medicationReference":{"reference":"#x","display":"ErrMed"}})");
    EXPECT_EQ(wrong.what, "");
    EXPECT_EQ(wrong.words, "of a medicine that was entered in error");
}

TEST_F(NameTest, WhatTheStructureDoesNotNameIsNamedByItsOwnText) {
    const std::string text = R"("text":{"status":"generated","div":"<div>PENICILLIN <b>)"
                             R"(anaphylaxis</b></div>"})";
    EXPECT_EQ(say(R"({"resourceType":"AllergyIntolerance","id":"a",)" + text + "}").what,
              "PENICILLIN anaphylaxis");
    EXPECT_EQ(name_of_medicine(R"("medicationCodeableConcept":{"extension":[{"url":)"
                               R"("http://hl7.org/fhir/StructureDefinition/data-absent-reason",)"
                               R"("valueCode":"as-text"}]},)" +
                               text),
              "PENICILLIN anaphylaxis");
    const Statement& result =
        say(R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"BRAF"},)" +
            text + "}");
    EXPECT_EQ(result.what, "BRAF");
    EXPECT_EQ(result.notes, "PENICILLIN anaphylaxis");
    const std::string words(200, 'w');
    const Statement& longer =
        say(R"({"resourceType":"CarePlan","id":"c","text":{"div":"<div>)" + words + R"(</div>"}})");
    EXPECT_EQ(longer.notes, words);
}

TEST_F(NameTest, WhereTextAndCodingSaySomethingElseBothStand) {
    EXPECT_EQ(name_of_medicine(R"("medicationCodeableConcept":{"text":"Brand X","coding":[)"
                               R"({"display":"venetoclax 100 MG Oral Tablet"}]})"),
              "Brand X (venetoclax 100 MG Oral Tablet)");
    const auto both = [&](const std::string& text, const std::string& display) {
        return name_of(R"({"text":")" + text + R"(","coding":[{"display":")" + display + R"("}]})");
    };
    EXPECT_EQ(both("Pulmonary embolism", "No history of pulmonary embolism"),
              "Pulmonary embolism (No history of pulmonary embolism)");
    EXPECT_EQ(both("Pulmonary embolism", "Pulmonary fibrosis"),
              "Pulmonary embolism (Pulmonary fibrosis)");
    EXPECT_EQ(both("Diabetes mellitus, type 2", "Type 2 diabetes mellitus (disorder)"),
              "Diabetes mellitus, type 2");
    EXPECT_EQ(both("Hypertension", "Hypertensive disorder"), "Hypertension");
    EXPECT_EQ(name_of(R"({"coding":[{"display":"Local leukemia"},{"display":)"
                      R"("Acute myeloblastic leukemia, not having achieved remission"}]})"),
              "Local leukemia (Acute myeloblastic leukemia, not having achieved remission)");
    EXPECT_EQ(
        say(R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"HBV"},)"
            R"("valueCodeableConcept":{"text":"Negative","coding":[{"display":"Positive"}]}})")
            .value,
        "Negative (Positive)");
}

TEST_F(NameTest, ACodeAloneStandsWithTheNameOfItsSystem) {
    const auto coded = [&](const std::string& system) {
        return name_of(R"({"coding":[{"system":")" + system + R"(","code":"91861009"}]})");
    };
    EXPECT_EQ(coded("http://snomed.info/sct"), "SNOMED CT 91861009");
    EXPECT_EQ(coded("http://hl7.org/fhir/sid/icd-10-cm"), "ICD-10-CM 91861009");
    EXPECT_EQ(coded("urn:oid:1.2.3"), "91861009");
}

TEST_F(NameTest, AnAnswerStandsWithTheQuestionThatItsQuestionnaireAsks) {
    const std::string items = R"("item":[{"linkId":"1","item":[{"linkId":"1.2","text":)"
                              R"("Do you take methotrexate?"}]}])";
    const std::string answers =
        R"("item":[{"linkId":"1","item":[{"linkId":"1.2","answer":[{"valueBoolean":true}]}]}])";
    const auto response = [&](const std::string& more) {
        return R"({"resourceType":"QuestionnaireResponse","id":"q","status":"completed",)" + more +
               "," + answers + "}";
    };
    const Statement& within =
        say(response(R"("questionnaire":"#qq","contained":[{"resourceType":"Questionnaire",)"
                     R"("id":"qq","title":"HAQ",)" +
                     items + "}]"));
    EXPECT_EQ(within.what, "HAQ");
    EXPECT_EQ(within.value, "Do you take methotrexate?: true");
    const Statement& beside =
        say_all({response(R"("questionnaire":"http://h/Questionnaire/7|2")"),
                 R"({"resourceType":"Questionnaire","id":"x","url":"http://h/Questionnaire/7",)"
                 R"("title":"Intake",)" +
                     items + "}"})
            .front();
    EXPECT_EQ(beside.what, "Intake");
    EXPECT_EQ(beside.value, "Do you take methotrexate?: true");
}

TEST_F(NameTest, AReasonOfAStatusThatAsksForNoneAndABadOutcomeStandBesideTheName) {
    EXPECT_EQ(say(order(R"(,"status":"active","intent":"order",)"
                        R"("statusReason":{"text":"Discontinued due to infection"})"))
                  .aside(),
              "reason of its status: Discontinued due to infection");
    const auto outcome = [&](const std::string& text) {
        return say(R"({"resourceType":"Procedure","id":"p","status":"completed","code":)"
                   R"({"text":"Lumbar puncture"},"outcome":{"text":")" +
                   text + R"("}})")
            .aside();
    };
    EXPECT_EQ(outcome("unsuccessful"), "outcome: unsuccessful");
    EXPECT_EQ(outcome("Successful"), "");
}

}  // namespace
}  // namespace consultd
