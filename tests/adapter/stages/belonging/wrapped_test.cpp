// Whose a record is that is wrapped in something else.
#include "adapter/stages/belonging/wrapped.h"

#include <gtest/gtest.h>

#include "adapter/stages/belonging/bytes.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

PatientIdentity anna() {
    return {fhir::Url::parse("https://ehr.example/fhir").value(),
            "anna",
            {{"urn:mrn", "A1"}},
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
std::string message_of(const std::string& id, const std::string& name, const std::string& born) {
    return "MSH|^~\\&|LAB|H|EHR|H|202001010000||ORU^R01|1|P|2.5\rPID|1||" + id + "^^^H^MR||" +
           name + "^X||" + born + "|F\rOBX|1|NM|718-7^Hb||11.0\r";
}
std::string mail_of(const std::string& body) {
    return "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n"
           " boundary=\"cut\"\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\nsee below\r\n"
           "--cut\r\nContent-Type: application/json\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           crypto::base64(body) + "\r\n--cut--\r\n";
}

std::string little(std::uint32_t value, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
    return bytes;
}
std::string element(std::uint32_t group, std::uint32_t number, const std::string& vr,
                    std::string value) {
    if (value.size() % 2 != 0) value += ' ';
    const auto size = static_cast<std::uint32_t>(value.size());
    return little(group, 2) + little(number, 2) +
           (vr.empty() ? little(size, 4) : vr + little(size, 2)) + value;
}
// Before the patient stands a sequence without a length, which names somebody else.
std::string image_of(const std::string& id, const std::string& name, bool is_explicit) {
    const auto vr = [&](const char* two) { return is_explicit ? std::string(two) : ""; };
    const std::string sequence =
        little(0x0008, 2) + little(0x1120, 2) + (is_explicit ? std::string("SQ\0\0", 4) : "") +
        little(0xffffffff, 4) + little(0xfffe, 2) + little(0xe000, 2) + little(0xffffffff, 4) +
        element(0x0010, 0x0020, vr("LO"), "NOBODY") + little(0xfffe, 2) + little(0xe00d, 2) +
        little(0, 4) + little(0xfffe, 2) + little(0xe0dd, 2) + little(0, 4);
    return std::string(128, '\0') + "DICM" +
           element(0x0002, 0x0010, "UI",
                   is_explicit ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2") +
           sequence + element(0x0010, 0x0010, vr("PN"), name + "^X") +
           element(0x0010, 0x0020, vr("LO"), id) + element(0x0010, 0x0030, vr("DA"), "19800203") +
           element(0x0020, 0x000d, vr("UI"), "1.2.3");
}

TEST(Wrapped, ARecordUnderAnyNameInJsonIsRead) {
    EXPECT_EQ(judge(R"({"record":{"of":[)" + observation_of("anna") + "]}}"), Belonging::Shared);
    EXPECT_EQ(judge(R"({"record":{"of":[)" + observation_of("bob") + "]}}"), Belonging::Wrong);
}

TEST(Wrapped, AMessageIsThePatientsThatItNames) {
    EXPECT_EQ(judge(message_of("A1", "TEST", "19800203")), Belonging::Shared);
    EXPECT_EQ(judge("\x0b" + message_of("Z9", "Test", "19800203")), Belonging::Shared);
    EXPECT_EQ(judge(message_of("A1", "WRONG", "19800203")), Belonging::Unproven);
    EXPECT_EQ(judge(message_of("Z9", "TEST", "19810203")), Belonging::Unproven);
    EXPECT_EQ(judge(message_of("A1", "TEST", "19800203") + message_of("B2", "BOB", "19700101")),
              Belonging::Unproven);
    EXPECT_EQ(judge("MSH|^~\\&|no patient\r"), Belonging::Unproven);
}

TEST(Wrapped, AnImageIsThePatientsThatItNames) {
    for (const bool is_explicit : {true, false}) {
        EXPECT_EQ(judge(image_of("A1", "Test", is_explicit)), Belonging::Shared) << is_explicit;
        EXPECT_EQ(judge(image_of("B2", "Bob", is_explicit)), Belonging::Unproven) << is_explicit;
        EXPECT_EQ(judge(image_of("A1", "Bob", is_explicit)), Belonging::Unproven) << is_explicit;
        EXPECT_EQ(judge(image_of("A1", "Test", is_explicit).substr(0, 180)), Belonging::Unproven);
    }
}

TEST(Wrapped, WhatStandsInAMailOrInBase64IsRead) {
    EXPECT_EQ(judge(mail_of(observation_of("anna"))), Belonging::Shared);
    EXPECT_EQ(judge(mail_of(observation_of("bob"))), Belonging::Wrong);
    EXPECT_EQ(judge(mail_of(mail_of(observation_of("bob")))), Belonging::Wrong);
    EXPECT_EQ(judge(crypto::base64(observation_of("anna"))), Belonging::Shared);
    EXPECT_EQ(judge(crypto::base64(observation_of("bob"))), Belonging::Wrong);
    EXPECT_EQ(judge(crypto::base64(crypto::base64(mail_of(observation_of("bob"))))),
              Belonging::Wrong);
}

TEST(Wrapped, NobodyLooksIntoAnArchiveButAnOfficeDocumentIsOne) {
    const std::string zip = std::string("PK\x03\x04") + std::string(26, '\0');
    EXPECT_EQ(judge(zip + "record.json"), Belonging::Unproven);
    EXPECT_EQ(judge("\x1f\x8b\x08 gzip"), Belonging::Unproven);
    EXPECT_EQ(judge(zip + "[Content_Types].xml"), Belonging::Shared);
    EXPECT_EQ(judge(zip + "mimetypeapplication/vnd.oasis"), Belonging::Shared);
}

TEST(Wrapped, AnOrdinaryTextIsNoneOfThese) {
    for (const char* text : {"Dear colleague: the MSH| of this", "Note: seen today", "%PDF-1.7",
                             "AAAA", "Diagnosis:melanoma", "\x89PNG"})
        EXPECT_EQ(wrapping_of(text), Wrapping::None) << text;
}

}  // namespace
}  // namespace consultd
