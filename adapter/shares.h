// How many workers there are, so that what worker.h gives each source of them holds.
#pragma once

#include <cstddef>
#include <cstdint>

namespace consultd {

// For `limits.transfers`: where more than one, at least one for each source and one for everything
// else, so that no source can keep them all.
std::uint32_t workers_for(std::uint32_t transfers, std::size_t sources);

}  // namespace consultd
