// Promises: the eight of PRODUCT.md, and that nothing is stuck, as questions to a world: what the
// destinations hold, what left us, what the disk holds. Each throws a Violation where the answer is
// wrong. "Same in, same out" is asked by simulation_test.cpp, which runs a world twice.
#pragma once

#include <map>
#include <string>

#include "tests/simulation/world.h"

namespace consultd::simulation {

// Before the first byte of a packet leaves us.
void check_what_leaves(World& world, Asked& asked, const std::string& transfer,
                       const std::string& body, const Institution& to);
// After each step: the transfers that have come to an end, a hold or a delivery since.
void check_what_ended(World& world, std::map<std::string, Asked>& asked);
// When nothing goes on any more.
void check_the_end(World& world);

}  // namespace consultd::simulation
