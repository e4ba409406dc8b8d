#include "adapter/portal/askings.h"

#include <gtest/gtest.h>

#include <vector>

namespace consultd::portal {
namespace {

TEST(Askings, ASlowHospitalHasItsFewAndAllOfThemLeaveHalfToEverybodyElse) {
    Askings askings;
    std::vector<Askings::Turn> turns;
    for (std::size_t i = 0; i < Askings::of_one_max; ++i)
        turns.push_back(*askings.begin("slow"));
    EXPECT_FALSE(askings.begin("slow"));
    while (turns.size() < Askings::of_all_max)
        turns.push_back(*askings.begin("other" + std::to_string(turns.size())));
    EXPECT_FALSE(askings.begin("quick"));
    turns.erase(turns.begin());
    EXPECT_TRUE(askings.begin("slow"));
    turns.clear();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(askings.begin("slow"));
}

}  // namespace
}  // namespace consultd::portal
