// The list of groups as it stands on a page: each of which there is anything, with how much.
#pragma once

#include <cstdint>
#include <span>

#include "adapter/portal/page.h"

namespace consultd::portal {

// `counts` in the order of groups().
// What was not read: what the person did not allow at the hospital apart from what did not come.
// Nothing where nothing is missing.
void write_missing(HtmlWriter& out, const Reader& reader, const std::vector<bool>& missing,
                   std::string_view scope);
// A group of which something may be read, by what was granted.
bool may_read(std::string_view scope, std::size_t group);
void write_counts(HtmlWriter& out, const Reader& reader, std::span<const std::uint64_t> counts);

}  // namespace consultd::portal
