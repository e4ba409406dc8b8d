#include "fhir/r4/release.h"

#include <gtest/gtest.h>

namespace consultd::fhir::r4 {
namespace {

bool is_other(const std::string& text) { return is_of_other_release(Json::parse(text).value()); }

// "Not given" in STU3 would be "given" in R4.
TEST(Release, AMemberThatTurnsTheMeaningOrHoldsItTellsAnotherOne) {
    EXPECT_TRUE(
        is_other(R"({"resourceType":"Immunization","status":"completed","notGiven":true})"));
    EXPECT_TRUE(is_other(R"({"resourceType":"Procedure","notDone":true})"));
    EXPECT_TRUE(is_other(R"({"resourceType":"MedicationStatement","taken":"n"})"));
    EXPECT_TRUE(is_other(R"({"resourceType":"MedicationStatement","wasNotTaken":true})"));
    EXPECT_TRUE(is_other(
        R"({"resourceType":"MedicationRequest","medication":{"reference":{"reference":"Medication/1"}}})"));
    EXPECT_TRUE(is_other(R"({"resourceType":"AllergyIntolerance","substance":{"text":"nuts"}})"));
    EXPECT_FALSE(is_other(
        R"({"resourceType":"MedicationRequest","medicationReference":{"reference":"Medication/1"}})"));
    EXPECT_FALSE(is_other(R"({"resourceType":"Immunization","status":"not-done"})"));
    EXPECT_FALSE(is_other(R"({"resourceType":"Observation","notDone":true})"));
}

TEST(Release, AProfileOrATypeOfAnotherOneTellsIt) {
    const auto with_profile = [](const std::string& url) {
        return is_other(R"({"resourceType":"Condition","meta":{"profile":[")" + url + R"("]}})");
    };
    EXPECT_TRUE(with_profile("http://hl7.org/fhir/3.0/StructureDefinition/Condition"));
    EXPECT_TRUE(with_profile("http://hl7.org/fhir/1.0/StructureDefinition/Condition"));
    EXPECT_TRUE(with_profile("http://hl7.org/fhir/5.0/StructureDefinition/Condition"));
    EXPECT_TRUE(is_other(R"({"resourceType":"MedicationOrder"})"));
    EXPECT_FALSE(with_profile("http://hl7.org/fhir/StructureDefinition/Condition"));
    EXPECT_FALSE(with_profile("http://hl7.org/fhir/4.0/StructureDefinition/Condition"));
}

}  // namespace
}  // namespace consultd::fhir::r4
