// Who the patient is goes; what else their own resource tells of a matter does not.
#include "signs_fixture.h"

namespace consultd::testing {
namespace {

class PatientTest : public ConsentTest {
protected:
    // What is left of a Patient with these members; null: nothing goes.
    fhir::Json left(const fhir::Json& asked, const std::string& members) {
        const auto consented = apply_consent(
            asked, request(), "Patient/p",
            {given(R"({"resourceType":"Patient","id":"p","gender":"female",)" + members + "}")},
            now, sensitivity());
        return consented ? consented->resources.front().resource.json() : fhir::Json();
    }
    const fhir::Json named_sex_ =
        consent(R"({"type":"permit","provision":[{"type":"permit",)" + label_of("SEX") + "}]}");
};

TEST_F(PatientTest, SexAtBirthPronounsAndGenderIdentityGoOnlyWhereTheyAreNamed) {
    const std::string core = "http://hl7.org/fhir/us/core/StructureDefinition/";
    const std::string hl7 = "http://hl7.org/fhir/StructureDefinition/";
    const std::string extensions =
        R"("extension":[{"url":")" + core + R"(us-core-birthsex","valueCode":"M"},{"url":")" +
        core + R"(us-core-sex","valueCode":"248153007"},{"url":")" + hl7 +
        R"(individual-pronouns","extension":[{"url":"value","valueCodeableConcept":{"text":"they"}}]},{"url":")" +
        hl7 + R"(individual-recordedSexOrGender","extension":[{"url":"value","valueCode":"m"}]},)" +
        R"({"url":")" + hl7 +
        R"(patient-birthPlace","valueAddress":{"city":"Bonn"}}],"_gender":{"extension":[{"url":"http://fhir.de/StructureDefinition/gender-amtlich-de","valueCode":"D"}]})";
    for (const fhir::Json& asked : {share, deny("SEX"), deny("HIV")}) {
        const fhir::Json kept = left(asked, extensions);
        EXPECT_EQ(kept["extension"].size(), 1U) << kept.print();
        EXPECT_EQ(kept["gender"].string(), "female");
        EXPECT_FALSE(kept.has("_gender"));
        EXPECT_NE(kept.print().find("Bonn"), std::string::npos);
    }
    EXPECT_EQ(left(named_sex_, extensions)["extension"].size(), 5U);
}

// A family name of before is needed to know somebody; a first name of before tells of more.
TEST_F(PatientTest, AFirstNameOfBeforeDoesNotGoBesideTheOneOfNow) {
    const std::string names =
        R"("name":[{"use":"old","family":"Roe","given":["John"]},{"family":"Roe","given":["Ann","Marie"]},{"use":"maiden","family":"Doe","given":["A."]},{"use":"nickname","given":["Johnny"]},{"text":"Ann Roe"},{"text":"John Roe"},{"use":"old","family":"Poe"}])";
    const fhir::Json kept = left(share, names);
    EXPECT_EQ(kept.print().find("John"), std::string::npos) << kept.print();
    EXPECT_EQ(kept["name"].size(), 4U);
    EXPECT_EQ(left(named_sex_, names)["name"].size(), 7U);
    const std::string official =
        R"("name":[{"use":"usual","given":["Ann"],"family":"Roe"},{"use":"official","given":["John"],"family":"Roe"}])";
    EXPECT_EQ(left(share, official)["name"].items()[0]["use"].string(), "official");
}

TEST_F(PatientTest, AnAddressThatIsARefugeAndAContactThatTellsDoNotGo) {
    const std::string where =
        R"("address":[{"line":["c/o Smith, 1 St"]},{"line":["Frauenhaus Mitte"]},{"line":["2 High St"],"city":"Leeds"}],"contact":[{"relationship":[{"text":"Wife"}],"name":{"text":"Eve"}},{"relationship":[{"coding":[{"code":"SPS"}]}],"gender":"female"},{"relationship":[{"text":"Husband"}],"name":{"text":"Bob"}}])";
    const fhir::Json kept = left(share, where);
    EXPECT_EQ(kept["address"].size(), 1U) << kept.print();
    EXPECT_EQ(kept["address"].items()[0]["city"].string(), "Leeds");
    EXPECT_EQ(kept["contact"].size(), 1U);
    EXPECT_EQ(kept["contact"].items()[0].at("name", "text").string(), "Bob");
}

// The same person as a resource of their own.
TEST_F(PatientTest, ARelatedPersonWhoTellsDoesNotGo) {
    const auto reason = [&](const fhir::Json& asked, const std::string& relationship) {
        const auto consented = apply_consent(
            asked, request(), "Patient/p",
            {given(R"({"resourceType":"Patient","id":"p","gender":"female"})"),
             given(
                 R"({"resourceType":"RelatedPerson","id":"r","patient":{"reference":"Patient/p"},"gender":"female","relationship":[{"coding":[{"code":")" +
                 relationship + R"("}]}]})")},
            now, sensitivity());
        return reason_of(*consented, "RelatedPerson/r");
    };
    EXPECT_EQ(reason(share, "WIFE"), "sensitivity:SEX");
    EXPECT_EQ(reason(share, "SPS"), "sensitivity:SEX");
    EXPECT_EQ(reason(share, "SIS"), "");
    EXPECT_EQ(reason(named_sex_, "WIFE"), "");
}

// A picture says what nobody here can read; a narrative says what was taken out.
TEST_F(PatientTest, APictureGoesWhereNoRuleIsOnAMatterAndNoNarrativeOfWhatWasTakenOut) {
    const std::string photo = R"("photo":[{"contentType":"image/png","data":"QUJD"}])";
    EXPECT_TRUE(left(share, photo).has("photo"));
    EXPECT_FALSE(left(deny("HIV"), photo).has("photo"));
    const std::string told =
        R"("text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Ann, before: John</div>"},"name":[{"given":["Ann"]},{"use":"old","given":["John"]}])";
    EXPECT_EQ(left(share, told).print().find("John"), std::string::npos);
}

// Who labels by the high-water mark of the record, labels the Patient too.
TEST_F(PatientTest, ALabelOfThePatientStopsATransferOnlyWhereARuleDeniesIt) {
    const std::string labelled =
        R"("meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"},{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"birthDate":"1970-01-01")";
    const fhir::Json kept = left(share, labelled);
    EXPECT_EQ(kept["birthDate"].string(), "1970-01-01");
    EXPECT_EQ(kept.print().find("HIV"), std::string::npos);
    EXPECT_EQ(kept.at("meta", "security").size(), 1U);
    EXPECT_TRUE(left(deny("HIV"), labelled).is_null());
    EXPECT_FALSE(left(deny("MH"), labelled).is_null());
}

// A name whose period has an end may still be in use: it is of now where all beside it is of old.
TEST_F(PatientTest, ANameWithAnEndIsOfNowWhereOnlyOldOnesStandBesideIt) {
    const fhir::Json kept = left(
        share,
        R"("name":[{"use":"old","given":["John"]},{"use":"official","given":["Ann"],"period":{"end":"2099-01-01"}}])");
    ASSERT_EQ(kept["name"].size(), 1U);
    EXPECT_EQ(kept["name"].items()[0]["given"].items()[0].string(), "Ann");
}

}  // namespace
}  // namespace consultd::testing
