#include "adapter/portal/doors.h"

#include <gtest/gtest.h>

#include <vector>

namespace consultd::portal {
namespace {

TEST(DoorsTest, OneSlowHospitalLeavesRoomForTheOthers) {
    Doors doors;
    std::vector<Doors::Pass> slow;
    for (std::size_t i = 0; i < Doors::of_source_max; ++i) {
        auto pass = doors.enter("slow");
        ASSERT_TRUE(pass);
        slow.push_back(*std::move(pass));
    }
    EXPECT_FALSE(doors.enter("slow"));
    EXPECT_TRUE(doors.enter("other"));
    slow.pop_back();
    EXPECT_TRUE(doors.enter("slow")) << "a place that was left is free";
}

TEST(DoorsTest, HoweverManyHospitalsAreSlowSomeWorkersStayFree) {
    Doors doors;
    std::vector<Doors::Pass> all;
    for (std::size_t i = 0; i < 20; ++i)
        if (auto pass = doors.enter("at-" + std::to_string(i))) all.push_back(*std::move(pass));
    EXPECT_EQ(all.size(), Doors::all_max);
    all.clear();
    EXPECT_TRUE(doors.enter("at-0"));
}

}  // namespace
}  // namespace consultd::portal
