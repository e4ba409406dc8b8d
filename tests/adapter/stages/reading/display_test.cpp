// Words on the page: units as they are printed, types and gaps as people call them.
#include "adapter/stages/reading/display.h"

#include <gtest/gtest.h>

#include "adapter/knowledge/knowledge.h"
#include "adapter/stages/completeness/completeness.h"
#include "adapter/stages/reading/gap_words.h"
#include "adapter/stages/reading/type_words.h"

namespace consultd {
namespace {

TEST(Display, AUnitIsPrintedAsPeopleWriteItAndStaysTheSameUnit) {
    EXPECT_EQ(unit_text("10*3/uL"), "10³/µL");
    EXPECT_EQ(unit_text("mm[Hg]"), "mm Hg");
    EXPECT_EQ(unit_text("mL/min/{1.73_m2}"), "mL/min/1.73 m²");
    EXPECT_EQ(unit_text("Cel"), "°C");
    EXPECT_EQ(unit_text("{score}"), "");
    for (const char* unit : {"g/dL", "mg/dl", "umol/L", "U/L", ""})
        EXPECT_EQ(unit_text(unit), unit);
}

// "Age 50 a" would be for those of fifty alone.
TEST(Display, AnAgeThatIsOnlyAnEndSaysOfWhichSide) {
    const fhir::Json result = *fhir::Json::parse(
        R"({"referenceRange":[{"high":{"value":4.5,"unit":"ng/mL"},"age":{"low":)"
        R"({"value":50,"unit":"a"}}}]})");
    EXPECT_EQ(range_text(result), "≤ 4.5 ng/mL (age ≥ 50 a)");
}

TEST(Display, ATypeIsCalledWhatPeopleCallIt) {
    EXPECT_EQ(type_word("MedicationRequest"), "Medicine ordered");
    EXPECT_EQ(type_word("Encounter"), "Visit");
    EXPECT_EQ(type_word("VisionPrescription"), "VisionPrescription");
}

TEST(Display, AGapIsNamedByItsKindNotByItsAddress) {
    EXPECT_EQ(gap_title("DocumentReference/7 attachment 1"), "Document, attachment 1");
    EXPECT_EQ(gap_title("Observation/never-stored"), "Result");
    EXPECT_EQ(gap_title("https://elsewhere.example/Binary/1"), "Another record");
}

TEST(Display, ASpecialtyWithoutAListOfItsOwnIsAskedTheGeneralOne) {
    const Specialties specialties = built_in_knowledge().specialties;
    EXPECT_EQ(checklist_name(specialties, "Oncology"), "oncology");
    EXPECT_EQ(checklist_name(specialties, "hematology"), "hematology");
    EXPECT_EQ(checklist_name(specialties, "dermatology"), "general");
    EXPECT_EQ(checklist_name(specialties, ""), "general");
}

}  // namespace
}  // namespace consultd
