// Whose a record is that comes as bytes, whatever it is said to be.
#include "adapter/stages/belonging/bytes.h"

#include <gtest/gtest.h>

#include "adapter/stages/belonging/clinical_document.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

PatientIdentity anna() {
    return {fhir::Url::parse("https://ehr.example/fhir").value(),
            "anna",
            {{"urn:mrn", "1"}, {"urn:oid:1.2.3", "A1"}},
            "1980-02-03",
            {"test"}};
}
Belonging judge(const std::string& bytes) {
    return belonging_of_bytes(crypto::base64(bytes), 0, anna());
}
std::string observation_of(const std::string& patient) {
    return R"({"resourceType":"Observation","id":"x","subject":{"reference":"Patient/)" + patient +
           "\"}}";
}
std::string xml_of(const std::string& patient) {
    return R"(<?xml version="1.0"?><Observation xmlns="http://hl7.org/fhir"><status value="final"/>)"
           R"(<subject><reference value="Patient/)" +
           patient + R"("/></subject></Observation>)";
}
std::string document_of(const std::string& inside, const std::string& before = "") {
    return R"(<?xml version="1.0"?><?xml-stylesheet href="CDA.xsl"?>)"
           R"(<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="9.9" extension="A1"/>)" +
           before + "<recordTarget><patientRole>" + inside +
           "</patientRole></recordTarget><author><id root='1.2.3' extension='A1'/></author>"
           "<component><structuredBody/></component></ClinicalDocument>";
}
std::string utf16(const std::string& text) {
    std::string out = "\xff\xfe";
    for (const char c : text) out.append(1, c).append(1, '\0');
    return out;
}

TEST(BelongingOfBytes, WhatIsNoRecordIsItsDocuments) {
    for (const char* text :
         {"%PDF-1.4", "a note", "", R"({"no":"FHIR"})", "<html>Patient/bob</html>",
          "<svg xmlns='http://www.w3.org/2000/svg'/>", "[1,2]", "{ cut"})
        EXPECT_EQ(judge(text), Belonging::Shared) << text;
}

TEST(BelongingOfBytes, ARecordInAnyFormIsReadToSeeWhoseItIs) {
    for (const std::string& form :
         {observation_of("anna"), "\xef\xbb\xbf" + observation_of("anna"), xml_of("anna"),
          observation_of("anna") + "\n" + observation_of("anna") + "\n",
          "[" + observation_of("anna") + "]", utf16(observation_of("anna")), utf16(xml_of("anna"))})
        EXPECT_EQ(judge(form), Belonging::Shared) << form;
    for (const std::string& form :
         {observation_of("bob"), "\xef\xbb\xbf \n" + observation_of("bob"), xml_of("bob"),
          observation_of("anna") + "\n" + observation_of("bob") + "\n",
          "[" + observation_of("anna") + "," + observation_of("bob") + "]",
          utf16(observation_of("bob")), utf16(xml_of("bob"))})
        EXPECT_EQ(judge(form), Belonging::Wrong) << form;
}

TEST(BelongingOfBytes, WhatBeginsLikeARecordAndCannotBeReadIsNobodys) {
    EXPECT_EQ(judge(observation_of("bob").substr(0, 70)), Belonging::Unproven);
    EXPECT_EQ(judge(xml_of("bob").substr(0, 100)), Belonging::Unproven);
    EXPECT_EQ(judge(document_of("").substr(0, 90)), Belonging::Unproven);
}

TEST(BelongingOfBytes, AClinicalDocumentIsWhoseItsRecordTargetIs) {
    const std::string named =
        R"(<patient><name><family>TEST</family></name><birthTime value="19800203"/></patient>)";
    EXPECT_EQ(judge(document_of(R"(<id root="1.2.3" extension="A1"/>)")), Belonging::Shared);
    EXPECT_EQ(judge(document_of(R"(<id root="1.2.3" extension="B2"/>)")), Belonging::Wrong);
    EXPECT_EQ(judge(document_of(R"(<id root="7.7" extension="A1"/>)" + named)), Belonging::Shared);
    EXPECT_EQ(judge(document_of(R"(<id root="7.7" extension="A1"/>)")), Belonging::Unproven);
    EXPECT_EQ(
        judge(document_of(R"(<id root="7.7" extension="A1"/><patient><name><family>Test</family>
        </name><birthTime value="19810203"/></patient>)")),
        Belonging::Unproven);
}

// What is put before the one that counts, or into a comment, is not whom it is about.
TEST(BelongingOfBytes, AClinicalDocumentIsNotMadeOursByWhatIsPutBesides) {
    const std::string ours = R"(<id root="1.2.3" extension="A1"/>)";
    const std::string bobs = R"(<id root="1.2.3" extension="B2"/>)";
    EXPECT_EQ(judge(document_of(bobs, "<!-- <recordTarget>" + ours + "</recordTarget> -->")),
              Belonging::Wrong);
    EXPECT_EQ(judge(document_of(bobs, "<recordTarget>" + ours + "</recordTarget>")),
              Belonging::Unproven);
    EXPECT_EQ(judge(document_of("<![CDATA[" + ours + "]]>" + bobs)), Belonging::Unproven);
    EXPECT_EQ(judge(document_of("<patient><guardian>" + ours + "</guardian></patient>")),
              Belonging::Unproven);
}

}  // namespace
}  // namespace consultd
