// A medicine is named by what it is, with its strength, form and amount: "25 mg" and "5 mg" of one
// name are two treatments.
#include "adapter/stages/reading/product.h"

#include "tests/adapter/stages/reading/statement_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

class ProductTest : public StatementTest {
protected:
    // An order of a product with these members, and what stands in the dose beside its name.
    const Statement& of(const std::string& product, const std::string& more = "") {
        return say(
            R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order")" +
            more + R"(,"contained":[{"resourceType":"Medication","id":"p",)" + product +
            R"(}],"medicationReference":{"reference":"#p"}})");
    }
};

const std::string strength =
    R"("strength":{"numerator":{"value":25,"unit":"mg"},"denominator":{"value":1,"unit":"capsule"}})";

TEST_F(ProductTest, TheStrengthFormAndAmountStandBesideTheName) {
    const Statement& capsule =
        of(R"("code":{"text":"Lenalidomid"},"form":{"text":"Kapsel"},"ingredient":[)"
           R"({"itemCodeableConcept":{"text":"Lenalidomid"},)" +
               strength + "}]",
           R"(,"dosageInstruction":[{"text":"1-0-0-0 Tag 1-21"}])");
    EXPECT_EQ(capsule.what, "Lenalidomid");
    EXPECT_EQ(capsule.value, "25 mg per 1 capsule, Kapsel; 1-0-0-0 Tag 1-21");
    EXPECT_EQ(of(R"("code":{"text":"Methotrexate"},"form":{"text":"tablet"},"amount":)"
                 R"({"numerator":{"value":2.5,"unit":"mg"},"denominator":{"value":1}})")
                  .value,
              "tablet, 2.5 mg");
}

TEST_F(ProductTest, WhatABagHoldsIsSaidWhereItsNameDoesNot) {
    EXPECT_EQ(of(R"("code":{"text":"MixBag"},"ingredient":[{"itemCodeableConcept":)"
                 R"({"text":"Vincristine"},"strength":{"numerator":{"value":2,"unit":"mg"},)"
                 R"("denominator":{"value":50,"unit":"mL"}}},)"
                 R"({"itemCodeableConcept":{"text":"Saline"}}])")
                  .value,
              "Vincristine 2 mg per 50 mL + Saline");
}

TEST_F(ProductTest, WhatTheNameSaysIsNotSaidAgain) {
    EXPECT_EQ(of(R"("code":{"text":"Lisinopril 10 MG Oral Tablet"},"form":{"text":"Tablet"},)"
                 R"("ingredient":[{"itemCodeableConcept":{"text":"Lisinopril"},"strength":)"
                 R"({"numerator":{"value":10,"unit":"mg"},"denominator":{"value":1}}}])")
                  .value,
              "");
}

TEST_F(ProductTest, ANumberOfAPackageIsNoName) {
    const std::string pzn =
        R"("code":{"coding":[{"system":"http://fhir.de/CodeSystem/ifa/pzn","code":"01234567"}]})";
    EXPECT_EQ(of(pzn + R"(,"ingredient":[{"itemCodeableConcept":{"text":"Dexamethason"}}])").what,
              "Dexamethason (PZN 01234567)");
    EXPECT_EQ(of(pzn).what, "PZN 01234567");
}

TEST_F(ProductTest, WhatWasHandedOutInsteadAndForHowLongIsSaid) {
    EXPECT_EQ(say(R"({"resourceType":"MedicationDispense","id":"d","status":"completed",)"
                  R"("medicationCodeableConcept":{"text":"Etanercept"},"quantity":{"value":4,)"
                  R"("unit":"pen"},"daysSupply":{"value":28},"substitution":{"wasSubstituted":)"
                  R"(true,"type":{"text":"biosimilar Benepali"}}})")
                  .value,
              "4 pen; supply for 28 days; substituted: biosimilar Benepali");
    EXPECT_EQ(say(order(R"(,"status":"active","intent":"order","substitution":)"
                        R"({"allowedBoolean":false})"))
                  .value,
              "no substitution");
}

// https://ucum.org/ucum: "1" is the unity: "60 1" reads as 601.
TEST_F(ProductTest, TheUnityIsNotWritten) {
    EXPECT_EQ(say(R"({"resourceType":"Observation","id":"o","status":"final","code":)"
                  R"({"text":"Kappa/Lambda"},"valueQuantity":{"value":60,"unit":"1","code":"1",)"
                  R"("system":"http://unitsofmeasure.org"}})")
                  .value,
              "60");
}

}  // namespace
}  // namespace consultd
