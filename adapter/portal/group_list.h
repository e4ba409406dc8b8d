// The list of groups as it stands on a page: each of which there is anything, with how much.
#pragma once

#include <cstdint>
#include <span>

#include "adapter/portal/page.h"

namespace consultd::portal {

// `counts` in the order of groups().
void write_counts(HtmlWriter& out, const Reader& reader, std::span<const std::uint64_t> counts);

}  // namespace consultd::portal
