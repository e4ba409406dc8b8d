// Whose notes are here, and whose are not.
#include "adapter/stages/reading/authors.h"

#include <gtest/gtest.h>

#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;

std::string count_of(const std::vector<NotesOf>& all, const std::string& who) {
    for (const NotesOf& one : all)
        if (one.who == who) return std::to_string(one.notes);
    return "not named";
}

TEST(Authors, WhoIsNamedIsToldWithHowManyNotesOfTheirsAreHere) {
    const PacketInput input = packet_input(std::vector<std::string>{
        R"({"resourceType":"Patient","id":"p","name":[{"family":"Test"}]})",
        R"({"resourceType":"DocumentReference","id":"d","status":"current","author":[{"display":"Dr. Vale"}]})",
        R"({"resourceType":"DocumentReference","id":"e","status":"superseded","author":[{"display":"Dr. Roe"}]})",
        R"({"resourceType":"Encounter","id":"v","status":"finished","serviceProvider":{"display":"Lake Clinic"},
            "participant":[{"individual":{"display":"Dr. Oak"}}]})",
        R"({"resourceType":"Observation","id":"o","status":"final","performer":[{"reference":"Patient/p"}]})"});
    const Reading reading(input.resources, input.patient, input.request.as_of);
    const std::vector<NotesOf> all = notes_by_author(reading);
    EXPECT_EQ(count_of(all, "Dr. Vale"), "1");
    EXPECT_EQ(count_of(all, "Dr. Roe"), "0");  // what was replaced is no note of theirs
    EXPECT_EQ(count_of(all, "Lake Clinic"), "0");
    EXPECT_EQ(count_of(all, "Dr. Oak"), "0");
    EXPECT_EQ(all.size(), 4U);  // the patient writes no notes
}

// https://hl7.org/fhir/R4/careteam-definitions.html#CareTeam.participant.member
TEST(Authors, WhoIsOfTheCareTeamIsNamedAndALetterThatIsACompositionIsANote) {
    const PacketInput input = packet_input(std::vector<std::string>{
        R"({"resourceType":"CareTeam","id":"c","status":"active","participant":[
            {"role":[{"text":"Radiation oncologist"}],"member":{"display":"Dr. Ash"}},
            {"member":{"display":"Dr. Elm"}}]})",
        R"({"resourceType":"Composition","id":"l","status":"final","type":{"text":"Letter"},"title":"Letter",
            "author":[{"display":"Dr. Elm"}],"section":[{"text":{"div":"<div>PSA rising</div>"}}]})"});
    const Reading reading(input.resources, input.patient, input.request.as_of);
    const std::vector<NotesOf> all = notes_by_author(reading);
    EXPECT_EQ(count_of(all, "Dr. Ash"), "0");
    EXPECT_EQ(count_of(all, "Dr. Elm"), "1");
}

}  // namespace
}  // namespace consultd
