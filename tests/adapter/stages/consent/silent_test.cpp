// What says a withheld matter where nobody reads: ids, addresses, file names, codes without a name.
#include <gmock/gmock.h>

#include "consent_fixture.h"

namespace consultd::testing {
namespace {

fhir::Json deny(const std::string& label) {
    return all_but(
        R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":")" +
        label + R"("}])");
}
const fhir::Json share = consent(R"({"type":"permit"})");
std::string weight(const std::string& more) {
    return R"({"resourceType":"Observation","status":"final","code":{"text":"Weight"},)" + more +
           "}";
}

class SilentTest : public ConsentTest {};

TEST_F(SilentTest, AnIdAnAddressOrAFileNameThatSaysTheMatterIsASign) {
    const std::string letters[] = {
        weight(R"("id":"hiv-clinic-visit-3")"),
        weight(R"("id":"o","identifier":[{"system":"http://general.example/HIV_VL","value":"7"}])"),
        weight(R"("id":"o","identifier":[{"value":"hiv.2024.7"}])"),
        weight(
            R"("id":"o","extension":[{"url":"http://general.example/hivStatus","valueBoolean":true}])"),
        R"({"resourceType":"DocumentReference","id":"d","status":"current","content":[{"attachment":{"contentType":"text/plain","url":"https://general.example/files/hiv_genotype_2024.txt"}}]})",
        R"({"resourceType":"DocumentReference","id":"d","status":"current","content":[{"attachment":{"contentType":"text/plain","title":"hiv_genotype_2024.txt"}}]})"};
    for (const std::string& text : letters) {
        EXPECT_EQ(outcome(deny("HIV"), text), "sensitivity:HIV") << text;
        EXPECT_EQ(outcome(deny("SUD"), text), "sensitivity:HIV") << "unspoken: " << text;
    }
    EXPECT_EQ(outcome(deny("HIV"), weight(R"("id":"3f2b1aed-77c0-4c5e-9d0a-addc1ed00001")")), "");
}

// Fused words are taken apart in the same way wherever a name stands.
TEST_F(SilentTest, FusedWordsBetrayInEachNameOfAThing) {
    for (const std::string name : {"hivclinic", "hivClinic", "HIVREG-1", "hiv2024"}) {
        const std::string letters[] = {
            weight(R"("id":")" + name + R"(")"),
            weight(R"("id":"o","identifier":[{"value":")" + name + R"("}])"),
            weight(R"("id":"o","identifier":[{"system":"http://x.example/)" + name +
                   R"(/docs","value":"7"}])"),
            weight(R"("id":"o","extension":[{"url":"http://x.example/)" + name +
                   R"(","valueBoolean":true}])"),
            R"({"resourceType":"DocumentReference","id":"d","status":"current","masterIdentifier":{"system":"http://x.example/)" +
                name +
                R"(/docs","value":"7"},"content":[{"attachment":{"contentType":"text/plain"}}]})",
            R"({"resourceType":"DocumentReference","id":"d","status":"current","content":[{"attachment":{"contentType":"text/plain","title":")" +
                name + R"(.txt"}}]})"};
        for (const std::string& text : letters)
            EXPECT_EQ(outcome(deny("HIV"), text), "sensitivity:HIV") << text;
    }
    EXPECT_EQ(outcome(deny("HIV"), weight(R"("id":"archives-7")")), "");
}

TEST_F(SilentTest, AReferenceThatSaysWhereItLeadsGoes) {
    const Consented consented = apply(
        share, {weight(R"("id":"o","encounter":{"reference":"Encounter/methadone-visit-3"})")});
    EXPECT_EQ(consented.withheld.size(), 0U);
    EXPECT_EQ(printed(consented).find("methadone"), std::string::npos);
}

// A code that nobody knows and nobody names may be of any matter, wherever in a resource it stands.
TEST_F(SilentTest, ABareUnknownCodeIsUndecidableInEveryPart) {
    const std::string bare =
        R"({"coding":[{"system":"http://snomed.info/sct","code":"123454321"}]})";
    for (const std::string& part :
         {R"("reasonCode":[)" + bare + "]", R"("category":[)" + bare + "]",
          R"("component":[{"code":)" + bare + "}]", R"("valueCodeableConcept":)" + bare})
        EXPECT_EQ(outcome(deny("HIV"), weight(R"("id":"o",)" + part)), "undecidable") << part;
    EXPECT_EQ(outcome(deny("HIV"), weight(R"("id":"o","bodySite":)" + bare)), "");
    EXPECT_EQ(outcome(share, weight(R"("id":"o","reasonCode":[)" + bare + "]")), "");
}

// The words of a denied matter, as people write them: without what lists put behind a name, turned
// round, in the plural, in a file's name.
TEST_F(SilentTest, TheWordsOfADeniedMatterAreFoundHoweverTheyAreWritten) {
    const std::string denied =
        R"j({"resourceType":"Condition","id":"c","code":{"coding":[{"system":"http://snomed.info/sct","code":"111","display":"Zyxomatosis, chronic (disorder)"}]}})j";
    const std::string drug =
        R"({"resourceType":"MedicationRequest","id":"m","medicationCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"222","display":"Zyxomab 50 MG Oral Tablet"}]}})";
    const auto told = [&](const std::string& words) {
        const Consented consented = apply(
            all_but(code_of("http://snomed.info/sct", "111") + R"(},{"type":"deny",)" +
                    code_of("http://snomed.info/sct", "222")),
            {denied, drug,
             R"({"resourceType":"Observation","id":"o","code":{"coding":[{"system":"http://snomed.info/sct","code":"333","display":"Weight"}]},"note":[{"text":")" +
                 words + R"("}]})"});
        return reason_of(consented, "Observation/o");
    };
    for (const char* words :
         {"chronic zyxomatosis again", "Zyxomatosis, chronic", "takes zyxomab daily",
          "see chronic_zyxomatosis_2.pdf", "Chronic-Zyxomatosis"})
        EXPECT_EQ(told(words), "names-withheld") << words;
    EXPECT_EQ(told("chronic cough"), "");
}

// A rule by period that denies is on a matter, as one by code is.
TEST_F(SilentTest, WhatIsDeniedByItsTimeLeavesNoWords) {
    const fhir::Json asked = all_but(R"("dataPeriod":{"start":"2019-01-01","end":"2019-12-31"})");
    const Consented consented = apply(
        asked,
        {R"({"resourceType":"Condition","id":"c","onsetDateTime":"2019-05-01","code":{"text":"Zyxomatosis"}})",
         R"({"resourceType":"MedicationRequest","id":"m","authoredOn":"2021-01-01","medicationCodeableConcept":{"text":"Tablet"},"reasonReference":[{"reference":"Condition/c"}]})",
         R"({"resourceType":"Observation","id":"o","effectiveDateTime":"2021-01-01","code":{"text":"Weight"},"note":[{"text":"less since the zyxomatosis"}]})",
         R"({"resourceType":"Observation","id":"p","effectiveDateTime":"2021-01-01","code":{"text":"Height"}})"});
    EXPECT_EQ(reason_of(consented, "Condition/c"), "period");
    EXPECT_EQ(reason_of(consented, "MedicationRequest/m"), "names-withheld");
    EXPECT_EQ(reason_of(consented, "Observation/o"), "names-withheld");
    EXPECT_EQ(reason_of(consented, "Observation/p"), "");
}

}  // namespace
}  // namespace consultd::testing
