// Of whom a value is, and on what: another person's, and an unfit specimen's, is no plain value.
#include "adapter/stages/reading/whose.h"

#include <gtest/gtest.h>

#include "adapter/stages/reading/statement.h"
#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

class WhoseTest : public ::testing::Test {
protected:
    // A potassium with more elements.
    const Statement& say(const std::string& more) {
        input_ = packet_input(std::vector<std::string>{
            R"({"resourceType":"Patient","id":"p"})",
            R"({"resourceType":"Observation","id":"o","status":"final","code":{"text":"K"})" +
                more + "}"});
        reading_.emplace(input_.resources, input_.patient, input_.request.as_of);
        return reading_->all().back();
    }

    PacketInput input_;
    std::optional<Reading> reading_;
};

// A donor's hemoglobin stood as the patient's newest, where the record said so in R4's own
// extension, or where the specimen was another person's.
TEST_F(WhoseTest, WhatWasMeasuredOfAnotherPersonSaysSoHoweverTheRecordSaysIt) {
    const std::string value = R"(,"valueQuantity":{"value":15.1,"unit":"g/dL"})";
    for (
        const char* another :
        {R"("extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-focusCode",)"
         R"("valueCodeableConcept":{"text":"Donor"}}])",
         R"("specimen":{"type":"Specimen","extension":[{"url":)"
         R"("http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]})",
         R"("contained":[{"resourceType":"Specimen","id":"s","subject":{"type":"Patient",)"
         R"("reference":"#d"}},{"resourceType":"Patient","id":"d"}],"specimen":{"reference":"#s"})"}) {
        const Statement& one = say(value + "," + another);
        EXPECT_EQ(one.standing, Standing::NotThePatient) << another;
        EXPECT_FALSE(one.places().newest) << another;
    }
    EXPECT_TRUE(say(value + R"(,"contained":[{"resourceType":"Specimen","id":"s"}],)"
                            R"("specimen":{"reference":"#s"})")
                    .is_plain());
}

TEST_F(WhoseTest, AnUnfitSpecimenStandsBesideItsValueWhichIsNeverTheNewest) {
    const auto with = [&](const char* specimen) -> const Statement& {
        return say(R"(,"valueQuantity":{"value":7.9},"specimen":{"reference":"#s"},)"
                   R"("contained":[{"resourceType":"Specimen","id":"s",)" +
                   std::string(specimen) + "}]");
    };
    const Statement& hemolyzed =
        with(R"("status":"unsatisfactory","condition":[{"text":"Hemolyzed"}],)"
             R"("note":[{"text":"drawn from IV arm"}])");
    EXPECT_EQ(hemolyzed.words, "specimen unsatisfactory, specimen: Hemolyzed");
    EXPECT_EQ(hemolyzed.notes, "specimen: drawn from IV arm");
    EXPECT_FALSE(hemolyzed.places().newest || hemolyzed.places().found);
    EXPECT_TRUE(with(R"("status":"available")").is_plain());
}

}  // namespace
}  // namespace consultd
