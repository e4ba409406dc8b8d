// XML of older releases: read by what each of them has there.
#include "fhir/r4/older_elements.h"

#include <gtest/gtest.h>

#include "fhir/r4/from_xml.h"

namespace consultd::fhir::r4 {
namespace {

std::string read(const std::string& inside) {
    const auto found = resource_from_xml_of_any_release(inside);
    if (!found) return "refused";
    constexpr const char* names[] = {"R4 ", "STU3 ", "DSTU2 "};
    return names[static_cast<int>(found->release)] + found->json.print();
}
std::string resource(const std::string& type, const std::string& inside) {
    return "<" + type + R"( xmlns="http://hl7.org/fhir">)" + inside + "</" + type + ">";
}

TEST(OlderElementsTest, EachReleaseIsReadByItsOwnMembers) {
    EXPECT_EQ(read(resource("Procedure", R"(<status value="completed"/><notDone value="true"/>)")),
              R"(STU3 {"resourceType":"Procedure","status":"completed","notDone":true})");
    EXPECT_EQ(read(resource("Procedure",
                            R"(<notPerformed value="true"/><notes><text value="x"/></notes>)")),
              R"(DSTU2 {"resourceType":"Procedure","notPerformed":true,"notes":[{"text":"x"}]})");
    EXPECT_EQ(read(resource("Procedure", R"(<status value="not-done"/>)")),
              R"(R4 {"resourceType":"Procedure","status":"not-done"})");
    EXPECT_EQ(read(resource("Immunization", R"(<notGiven value="false"/>
        <vaccinationProtocol><doseSequence value="2"/></vaccinationProtocol>)")),
              R"(STU3 {"resourceType":"Immunization","notGiven":false,)"
              R"("vaccinationProtocol":[{"doseSequence":2}]})");
}

// XML tells neither a list from a single one, nor a number from a text.
TEST(OlderElementsTest, ListsAndNumbersAreThoseOfTheRelease) {
    EXPECT_EQ(read(resource("Bundle", R"(<type value="collection"/><entry><resource><Patient><name>
            <family value="van"/><family value="Dyk"/></name></Patient></resource></entry>
            <entry><resource><MedicationOrder><note value="with food"/><dosageInstruction>
            <doseQuantity><value value="2.50"/></doseQuantity><timing><repeat><frequency value="1"/>
            <periodUnits value="d"/></repeat></timing></dosageInstruction></MedicationOrder>
            </resource></entry>)")),
              R"(DSTU2 {"resourceType":"Bundle","type":"collection","entry":[{"resource":)"
              R"({"resourceType":"Patient","name":[{"family":["van","Dyk"]}]}},{"resource":)"
              R"({"resourceType":"MedicationOrder","note":"with food","dosageInstruction":)"
              R"([{"doseQuantity":{"value":2.50},"timing":{"repeat":{"frequency":1,)"
              R"("periodUnits":"d"}}}]}}]})");
    EXPECT_EQ(read(resource("Condition", R"(<clinicalStatus value="active"/><context>
                  <reference value="Encounter/1"/></context>)")),
              R"(STU3 {"resourceType":"Condition","clinicalStatus":"active",)"
              R"("context":{"reference":"Encounter/1"}})");
}

TEST(OlderElementsTest, WhatNoReleaseHasIsRefused) {
    EXPECT_EQ(read(resource("Procedure", R"(<neverDone value="true"/>)")), "refused");
    EXPECT_EQ(read(resource("Procedure", R"(<notDone value="true"/><notPerformed value="true"/>)")),
              "refused");
    EXPECT_EQ(read(resource("Potion", "")), "refused");
    EXPECT_EQ(read(resource("Condition", R"(<clinicalStatus value="a"/><clinicalStatus/>)")),
              "refused");
    EXPECT_FALSE(has_resource_type(Release::R4, "MedicationOrder"));
    EXPECT_FALSE(has_resource_type(Release::Stu3, "MedicationOrder"));
    EXPECT_TRUE(has_resource_type(Release::Dstu2, "MedicationOrder"));
    EXPECT_FALSE(has_resource_type(Release::Dstu2, "MedicationOrder.dosageInstruction"));
}

}  // namespace
}  // namespace consultd::fhir::r4
