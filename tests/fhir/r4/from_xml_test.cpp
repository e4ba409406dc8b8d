#include "fhir/r4/from_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "fhir/narrative.h"
#include "fhir/r4/walk.h"
#include "tests/support/fhir_xml.h"

namespace consultd::fhir::r4 {
namespace {

using ::testing::HasSubstr;

std::string json_of(const std::string& xml) {
    const Result<Json> json = resource_from_xml(xml);
    return json ? json->print() : json.error().message();
}
std::string patient(const std::string& inside) {
    return json_of(R"(<Patient xmlns="http://hl7.org/fhir">)" + inside + "</Patient>");
}

TEST(FromXmlTest, ElementsBecomeTheMembersThatJsonHasForThem) {
    EXPECT_EQ(patient(R"(<id value="p"/><active value="true"/><name><given value="A"/>
                         <given value="B"/></name><multipleBirthInteger value="2"/>)"),
              R"({"resourceType":"Patient","id":"p","active":true,"name":[{"given":["A","B"]}],)"
              R"("multipleBirthInteger":2})");
}

TEST(FromXmlTest, NumbersKeepTheirDigits) {
    const auto value = [](const std::string& text) {
        return json_of(R"(<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value=")" +
                       text + R"("/></valueQuantity></Observation>)");
    };
    for (const char* text : {"2.00", "-0.0", "1e3", "1.0E-22", "123456789012345678901234567890.10"})
        EXPECT_THAT(value(text), HasSubstr(R"({"value":)" + std::string(text) + "}"));
    // No number of FHIR's: validate tells.
    EXPECT_THAT(value("+1"), HasSubstr(R"({"value":"+1"})"));
}

TEST(FromXmlTest, IdsAndExtensionsOfPrimitivesStandBesideThem) {
    EXPECT_EQ(
        patient(R"(<birthDate id="b" value="1970"><extension url="u"><valueCode value="x"/>
                         </extension></birthDate><name><given/><given value="B"/></name>)"),
        R"({"resourceType":"Patient","birthDate":"1970","_birthDate":{"id":"b","extension":)"
        R"([{"url":"u","valueCode":"x"}]},"name":[{"given":[null,"B"],"_given":[{},null]}]})");
}

TEST(FromXmlTest, ContainedResourcesNarrativesAndPrefixesAreRead) {
    EXPECT_EQ(json_of(R"(<?xml version="1.0" encoding="UTF-8"?><!-- note -->
        <f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml">
        <f:text><f:status value="generated"/><h:div>a &amp; b<h:br/>&lt;c&gt;</h:div></f:text>
        <f:contained><f:Organization><f:id value="o"/></f:Organization></f:contained>
        </f:Patient>)"),
              R"({"resourceType":"Patient","text":{"status":"generated","div":)"
              R"("<div xmlns=\"http://www.w3.org/1999/xhtml\">a &amp; b<br/>&lt;c&gt;</div>"},)"
              R"("contained":[{"resourceType":"Organization","id":"o"}]})");
}

TEST(FromXmlTest, WhatWouldBeLostIsRefusedWithItsLine) {
    for (const char* inside :
         {"<colour value=\"x\"/>", "<active value=\"true\" colour=\"x\"/>", "text",
          "<active value=\"true\"/>\n<active value=\"true\"/>", "<x:a xmlns:x=\"urn:x\"/>",
          "<contained/>", "<name value=\"x\"/>", "<birthDate><colour value=\"x\"/></birthDate>",
          "<name><id value=\"x\"/></name>"})
        EXPECT_THAT(patient(inside), HasSubstr("line")) << inside;
    EXPECT_THAT(json_of("<ClinicalDocument xmlns=\"urn:hl7-org:v3\"/>"),
                HasSubstr("an element that is not FHIR's"));
    EXPECT_THAT(json_of("<Nothing xmlns=\"http://hl7.org/fhir\"/>"),
                HasSubstr("not a resource of R4"));
    EXPECT_THAT(json_of("<Patient/>"), HasSubstr("not FHIR's"));
}

TEST(FromXmlTest, HostileXmlEndsInAnErrorInBoundedTime) {
    const auto started = std::chrono::steady_clock::now();
    const auto refused = [](const std::string& xml) {
        EXPECT_FALSE(resource_from_xml(xml)) << xml.substr(0, 80);
    };
    const std::string root = R"(<Patient xmlns="http://hl7.org/fhir">)";
    refused("");
    refused("<");
    refused(root);
    refused(root + "</Patient");
    refused(root + "</Patient><Patient/>");
    refused(std::string("<Patient\0/>", 11));
    refused(root + "<birthDate value=\"\xff\"/></Patient>");
    refused("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + root + "</Patient>");
    refused("<!DOCTYPE Patient>" + root + "</Patient>");
    refused(R"(<!DOCTYPE P [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>)" + root +
            "<birthDate value=\"&b;\"/></Patient>");
    refused(R"(<!DOCTYPE P [<!ENTITY f SYSTEM "file:///etc/passwd">]>)" + root + "&f;</Patient>");
    refused(root + "<birthDate value=\"&f;\"/></Patient>");
    std::string deep, many, prefixes;
    for (int i = 0; i < 100'000; ++i) {
        deep += "<extension url=\"u\">";
        many += " a" + std::to_string(i) + "=\"x\"";
        prefixes += "<a xmlns:p" + std::to_string(i) + "=\"urn:x\">";
    }
    refused(root + deep);
    refused(R"(<Patient xmlns="http://hl7.org/fhir")" + many + "/>");
    refused(root + prefixes);
    refused(root + R"(<text><div xmlns="http://www.w3.org/1999/xhtml">)" + deep);
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(20));
}

// What a narrative says: entities and empty elements may be written in two ways.
class DivsAsText final : public Walker {
public:
    Edit narrative(const Visit& visit) override {
        const auto text = narrative_text(visit.value["div"].string());
        return text ? Edit::replace(visit.value.with("div", *text)) : Edit::keep();
    }
};

TEST(FromXmlTest, TheOfficialExamplesComeBackFromXmlAsTheyAreInJson) {
    const char* data = std::getenv("CONSULTD_DATA");
    if (data == nullptr) GTEST_SKIP() << "CONSULTD_DATA is not set";
    int count = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path(data) / "r4-examples")) {
        if (file.path().extension() != ".json") continue;
        std::ifstream in(file.path());
        const Json json = Json::parse(std::string(std::istreambuf_iterator<char>(in), {})).value();
        const Result<Json> back = resource_from_xml(testing::to_fhir_xml(json));
        ASSERT_TRUE(back) << file.path() << ": " << back.error().message();
        DivsAsText divs;
        EXPECT_TRUE(same_value(walk(json, divs), walk(*back, divs))) << file.path();
        ++count;
    }
    EXPECT_GE(count, 150);
}

}  // namespace
}  // namespace consultd::fhir::r4
