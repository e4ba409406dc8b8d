#include "fhir/r4/release.h"

#include <gtest/gtest.h>

namespace consultd::fhir::r4 {
namespace {

bool is_older(const std::string& text) { return is_of_older_release(Json::parse(text).value()); }

// "Not given" in STU3 would be "given" in R4.
TEST(Release, AMemberThatTurnsTheMeaningTellsAnOlderOne) {
    EXPECT_TRUE(
        is_older(R"({"resourceType":"Immunization","status":"completed","notGiven":true})"));
    EXPECT_TRUE(is_older(R"({"resourceType":"Procedure","notDone":true})"));
    EXPECT_TRUE(is_older(R"({"resourceType":"MedicationStatement","taken":"n"})"));
    EXPECT_TRUE(is_older(R"({"resourceType":"MedicationStatement","wasNotTaken":true})"));
    EXPECT_FALSE(is_older(R"({"resourceType":"Immunization","status":"not-done"})"));
    EXPECT_FALSE(is_older(R"({"resourceType":"Observation","notDone":true})"));
}

TEST(Release, AProfileOfAnOlderOneTellsIt) {
    const auto with_profile = [](const std::string& url) {
        return is_older(R"({"resourceType":"Condition","meta":{"profile":[")" + url + R"("]}})");
    };
    EXPECT_TRUE(with_profile("http://hl7.org/fhir/3.0/StructureDefinition/Condition"));
    EXPECT_TRUE(with_profile("http://hl7.org/fhir/1.0/StructureDefinition/Condition"));
    EXPECT_FALSE(with_profile("http://hl7.org/fhir/StructureDefinition/Condition"));
    EXPECT_FALSE(with_profile("http://hl7.org/fhir/4.0/StructureDefinition/Condition"));
}

}  // namespace
}  // namespace consultd::fhir::r4
