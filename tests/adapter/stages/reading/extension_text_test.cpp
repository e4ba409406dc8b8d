// What a source says in an extension stands on the page, whoever defined it.
#include "adapter/stages/reading/extension_text.h"

#include "tests/adapter/stages/reading/statement_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

class ExtensionTextTest : public StatementTest {
protected:
    static std::string mcode(const std::string& name, const std::string& value) {
        return R"({"url":"http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-)" + name + "\"," +
               value + "}";
    }
    static std::string problem(const std::string& extensions, const std::string& more = "") {
        return R"({"resourceType":"Condition","id":"c","code":{"text":"Breast cancer"},)"
               R"("extension":[)" +
               extensions + "]" + more + "}";
    }
};

// http://hl7.org/fhir/us/mcode/STU2
TEST_F(ExtensionTextTest, HistologySideAndIntentOfACancerAreSaid) {
    const Statement& cancer = say(problem(
        mcode("histology-morphology-behavior",
              R"("valueCodeableConcept":{"coding":[{"display":"Lobular carcinoma in situ"}]})"),
        R"(,"bodySite":[{"text":"Breast","extension":[)" +
            mcode("laterality-qualifier", R"("valueCodeableConcept":{"text":"Left"})") + "]}]"));
    EXPECT_EQ(cancer.value, "Breast (Left)");
    EXPECT_EQ(cancer.notes, "histology morphology behavior: Lobular carcinoma in situ");
    EXPECT_EQ(
        say(order(R"(,"status":"active","intent":"order","extension":[)" +
                  mcode("treatment-intent", R"("valueCodeableConcept":{"text":"Palliative"})") +
                  "]"))
            .notes,
        "treatment intent: Palliative");
}

TEST_F(ExtensionTextTest, TheDoseOfRadiationIsSaidWithItsVolumeAndFractions) {
    EXPECT_EQ(
        say(R"({"resourceType":"Procedure","id":"p","status":"completed","code":{"text":"RT"},)"
            R"("extension":[)" +
            mcode("radiotherapy-dose-delivered-to-volume",
                  R"("extension":[{"url":"volume","valueReference":{"display":"chest wall"}},)"
                  R"({"url":"totalDoseDelivered","valueQuantity":{"value":5000,"unit":"cGy"}},)"
                  R"({"url":"fractionsDelivered","valueUnsignedInt":25}])") +
            "]}")
            .notes,
        "radiotherapy dose delivered to volume: volume chest wall, total dose delivered 5000 cGy, "
        "fractions delivered 25");
}

TEST_F(ExtensionTextTest, WhyATreatmentEndedStandsBesideThatItEnded) {
    EXPECT_EQ(say(order(R"(,"status":"stopped","intent":"order","extension":[)" +
                        mcode("treatment-termination-reason",
                              R"("valueCodeableConcept":{"text":"not tolerated"})") +
                        "]"))
                  .aside(),
              "stopped: not tolerated");
}

TEST_F(ExtensionTextTest, AnExtensionThatNobodyKnowsIsSaidAndWhatIsForMachinesIsNot) {
    EXPECT_EQ(say(problem(R"({"url":"https://hospital.example/fhir/tumorBoardDecision",)"
                          R"("valueString":"watch and wait"})"))
                  .notes,
              "tumor board decision: watch and wait");
    EXPECT_EQ(say(problem(R"({"url":"https://hospital.example/template-id","valueString":"1.2"},)"
                          R"({"url":"https://hospital.example/link","valueUri":"urn:x"},)"
                          R"({"url":"urn:oid:1.2.3","valueString":"7"},)"
                          R"({"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason",)"
                          R"("valueCode":"unknown"})"))
                  .notes,
              "");
}

}  // namespace
}  // namespace consultd
