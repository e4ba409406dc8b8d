// Under which name and number somebody is known now.
// https://hl7.org/fhir/R4/datatypes.html#HumanName
#include "adapter/stages/reading/person.h"

#include <gtest/gtest.h>

#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

std::string called(const std::string& end, const std::string& other) {
    const fhir::Resource patient =
        resource_of(R"({"resourceType":"Patient","name":[{"family":"Ended","period":{"end":")" +
                    end + R"("}},{"family":"Other")" + other + "}]}");
    return current_name(patient.json(), sample_request().as_of);
}

TEST(Person, ANameIsOfThePastWhenItsPeriodHasEndedAndNotWhenItWill) {
    for (const char* past : {"2010", "2026-10", "2026-11-20", "2026-11-21T10:00:00Z"})
        EXPECT_EQ(called(past, ""), "Other") << past;
    for (const char* current : {"2030", "2026-12", "2026-11-22", "2026", "9999-12-31"})
        EXPECT_EQ(called(current, ""), "Ended") << current;
    EXPECT_EQ(called("2010", R"(,"use":"old")"), "Ended");  // of two of the past the first
}

TEST(Person, ANumberWhosePeriodEndsLaterIsTheCurrentOne) {
    const fhir::Resource patient =
        resource_of(R"({"resourceType":"Patient","identifier":[{"value":"A","use":"old"},)"
                    R"({"value":"B","period":{"end":"2030-01-01"}}]})");
    EXPECT_EQ(
        identifiers_by_use(patient["identifier"], sample_request().as_of).front()["value"].string(),
        "B");
}

}  // namespace
}  // namespace consultd
