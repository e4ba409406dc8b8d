#include "adapter/shares.h"

#include <algorithm>

namespace consultd {

std::uint32_t workers_for(std::uint32_t transfers, std::size_t sources) {
    return transfers <= 1 ? 1 : std::max(transfers, static_cast<std::uint32_t>(sources) + 1);
}

}  // namespace consultd
