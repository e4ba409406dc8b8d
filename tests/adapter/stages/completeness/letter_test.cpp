// A letter that asks for what is missing, ready to be sent.
#include "adapter/stages/completeness/letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/adapter/stages/packet_fixture.h"

namespace consultd {
namespace {

using namespace consultd::testing;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Letter, AsksForWhatIsMissingAndForNothingThatIsHere) {
    const PacketInput input = packet_input(std::vector<std::string>{
        R"({"resourceType":"Patient","id":"p","name":[{"family":"Test"}],"birthDate":"1968"})",
        R"({"resourceType":"AllergyIntolerance","id":"a","code":{"text":"latex"}})"});
    const Reading reading(input.resources, input.patient, input.request.as_of);
    const auto items =
        check_list(knowledge().specialties, "oncology", input.request.as_of, reading, input.gaps);
    const std::string letter = letter_for(
        items, input.request, who_of(input.resources.front().resource, input.request.as_of));
    EXPECT_THAT(letter, HasSubstr("To: General Hospital\n"));
    EXPECT_THAT(letter, HasSubstr("Test, born 1968 to Cancer Center"));
    EXPECT_THAT(letter,
                HasSubstr("- Pathology reports: not found in what was handed over (probably "
                          "with the department of pathology)"));
    EXPECT_THAT(letter, Not(HasSubstr("Allergies")));
    EXPECT_EQ(letter_for({}, input.request, "Test"), "");
}

TEST(Letter, DoesNotAskForWhatFollowsByItselfAfterTheOpinion) {
    PacketInput input = packet_input(std::vector<std::string>{
        R"({"resourceType":"Patient","id":"p","name":[{"family":"Test"}],"birthDate":"1968"})"});
    input.gaps.push_back({"CarePlan (1 entry)", "first-opinion-sealed"});
    const Reading reading(input.resources, input.patient, input.request.as_of);
    const auto items =
        check_list(knowledge().specialties, "oncology", input.request.as_of, reading, input.gaps);
    const auto plan = std::ranges::find_if(
        items, [](const ChecklistItem& item) { return item.row->id == "plan"; });
    ASSERT_NE(plan, items.end());
    EXPECT_EQ(plan->state, ItemState::NotHandedOver) << "which is not: not found";
    EXPECT_THAT(letter_for(items, input.request, "Test"), Not(HasSubstr(plan->row->title)));
}

}  // namespace
}  // namespace consultd
