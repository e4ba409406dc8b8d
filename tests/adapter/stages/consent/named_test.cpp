// What a consent must name before it goes, and what names it.
#include "signs_fixture.h"

namespace consultd::testing {
namespace {

class NamedTest : public ConsentTest {};

// What a rule is on that names no matter, opens none: a type, a time, another diagnosis beside it.
TEST_F(NamedTest, APermitNamesAMatterByLabelCodeInstanceOrAClassThatIsOne) {
    const std::string hiv =
        R"({"resourceType":"Condition","id":"c1","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"B20"}]}})";
    const auto with = [](const std::string& rule) {
        return consent(R"({"type":"permit","provision":[{"type":"permit",)" + rule + "}]}");
    };
    EXPECT_EQ(outcome(share, hiv), "sensitivity:HIV");
    EXPECT_EQ(outcome(with(label_of("HIV")), hiv), "");
    EXPECT_EQ(outcome(with(code_of(icd10, "B20")), hiv), "");
    EXPECT_EQ(outcome(with(class_of("Condition")), hiv), "sensitivity:HIV");
    EXPECT_EQ(outcome(nothing_but(class_of("Condition")), hiv), "sensitivity:HIV");
    EXPECT_EQ(outcome(with(R"("dataPeriod":{"start":"1990-01-01"})"), hiv), "sensitivity:HIV");
    EXPECT_EQ(
        outcome(with(R"("data":[{"meaning":"instance","reference":{"reference":"Condition/c1"}}])"),
                hiv),
        "");
    EXPECT_EQ(outcome(with(label_of("SUD")), hiv), "sensitivity:HIV");
    EXPECT_EQ(outcome(with(actor_is_us), hiv), "sensitivity:HIV");
    EXPECT_EQ(outcome(nothing_but(label_of("HIV")), hiv), "")
        << "a permit reaches what bears no label";
    const std::string knee =
        R"({"resourceType":"Condition","id":"c1","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"M25.561"}]},"note":[{"text":"HIV positive"}]})";
    EXPECT_EQ(outcome(with(code_of(icd10, "M25.561")), knee), "sensitivity:HIV");
    EXPECT_EQ(outcome(with(code_of(icd10, "M25.561") + R"(,"securityLabel":[])"), knee),
              "sensitivity:HIV");
    const std::string therapy =
        R"({"resourceType":"DocumentReference","id":"d1","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"34788-0"}],"text":"Psychotherapy note"},"content":[{"attachment":{"contentType":"text/plain","data":"QUJD"}}]})";
    const auto document = [](const char* type) {
        return R"("class":[{"system":"http://loinc.org","code":")" + std::string(type) + R"("}])";
    };
    EXPECT_EQ(outcome(share, therapy), "sensitivity:PSYTHPN");
    EXPECT_EQ(outcome(with(class_of("DocumentReference")), therapy), "sensitivity:PSYTHPN");
    EXPECT_EQ(outcome(with(document("34788-0")), therapy), "");
    EXPECT_EQ(outcome(with(document("11488-4")), therapy), "sensitivity:PSYTHPN");
}

// Who says "no HIV, but its medicines" has named them.
TEST_F(NamedTest, AnExceptionFromADeniedMatterNamesIt) {
    const std::string drug =
        R"({"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationCodeableConcept":{"text":"Biktarvy"}})";
    const fhir::Json asked = all_but(label_of("HIV") + R"(,"provision":[{"type":"permit",)" +
                                     class_of("MedicationRequest") + "}]");
    EXPECT_EQ(outcome(asked, drug), "");
    EXPECT_EQ(outcome(asked, named("HIV infection")), "sensitivity:HIV");
}

// A patient's earlier choice about a matter tells of it.
TEST_F(NamedTest, TheSourcesCopyOfAPrivacyChoiceGoesOnlyWhereItsMatterMay) {
    const auto chosen = [](const std::string& label) {
        return R"({"resourceType":"Consent","id":"k","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"provision":{"type":"permit","provision":[{"type":"deny",)" +
               label_of(label) + "}]}}";
    };
    EXPECT_EQ(outcome(share, chosen("HIV")), "names-withheld");
    EXPECT_EQ(outcome(share, chosen("MH")), "");
    EXPECT_EQ(outcome(consent(R"({"type":"permit","provision":[{"type":"permit",)" +
                              label_of("HIV") + "}]}"),
                      chosen("HIV")),
              "");
}

// A picture may be of anything: it goes where somebody has decided on exactly this one.
TEST_F(NamedTest, WhatCannotBeReadGoesWhereAPermitNamesThatVeryResourceAndNothingDeniesIt) {
    const std::string picture =
        R"({"resourceType":"DocumentReference","id":"d1","status":"current","content":[{"attachment":{"contentType":"image/png","data":"iVBORw0KGgo="}}]})";
    const auto data = [](const char* meaning, const char* which) {
        return R"("data":[{"meaning":")" + std::string(meaning) +
               R"(","reference":{"reference":")" + which + R"("}}])";
    };
    const std::string deny = R"({"type":"deny",)" + label_of("HIV");
    const auto but = [&](const std::string& rule) {
        return consent(R"({"type":"permit","provision":[)" + deny + R"(,"provision":[)" + rule +
                       "]}]}");
    };
    EXPECT_EQ(outcome(all_but(label_of("HIV")), picture), "undecidable");
    EXPECT_EQ(outcome(but(R"({"type":"permit",)" + data("instance", "DocumentReference/d1") + "}"),
                      picture),
              "");
    EXPECT_EQ(outcome(but(R"({"type":"permit",)" + data("instance", "DocumentReference/d2") + "}"),
                      picture),
              "undecidable");
    EXPECT_EQ(outcome(but(R"({"type":"deny",)" + data("instance", "DocumentReference/d1") + "}"),
                      picture),
              "undecidable");
    EXPECT_EQ(outcome(but(R"({"type":"permit",)" + data("related", "DocumentReference/d1") + "}"),
                      picture),
              "undecidable");
    EXPECT_EQ(outcome(but(R"({"type":"permit",)" + class_of("DocumentReference") + "}"), picture),
              "undecidable");
}

// A label of a system that nobody knows may mean anything: it permits nothing, and denies all the
// same.
TEST_F(NamedTest, ALabelOfAnotherSystemPermitsNothing) {
    for (const char* system : {R"("system":"http://other",)", ""}) {
        const std::string label =
            R"("securityLabel":[{)" + std::string(system) + R"("code":"HIV"}])";
        const std::string hiv = named("HIV infection");
        EXPECT_EQ(
            outcome(consent(R"({"type":"permit","provision":[{"type":"permit",)" + label + "}]}"),
                    hiv),
            "sensitivity:HIV");
        EXPECT_EQ(outcome(nothing_but(label), hiv), "undecidable");
        EXPECT_EQ(outcome(all_but(label), hiv), "sensitivity:HIV");
    }
    const std::string retired =
        R"("securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"HIV"}])";
    EXPECT_EQ(outcome(nothing_but(retired), named("HIV infection")), "");
}

// The ledger says of what was never permitted that it was not, and not that it is a matter it is
// not.
TEST_F(NamedTest, WhatAPermitOnAMatterDoesNotReachIsNotCalledThatMatter) {
    const std::string knee = named("Knee pain");
    EXPECT_EQ(outcome(nothing_but(label_of("HIV")), knee), "class-not-permitted");
    const fhir::Json asked =
        consent(R"({"type":"deny","provision":[{"type":"permit",)" + label_of("HIV") +
                R"(,"provision":[{"type":"deny",)" + class_of("MedicationRequest") + "}]}]}");
    EXPECT_EQ(outcome(asked, knee), "class-not-permitted");
    EXPECT_EQ(outcome(asked, named("HIV infection")), "");
}

}  // namespace
}  // namespace consultd::testing
