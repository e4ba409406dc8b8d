// The query of a request, as forms write it: names and values, "+" a space, percent escapes.
// https://url.spec.whatwg.org/#application/x-www-form-urlencoded
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace consultd::web {

using Query = std::vector<std::pair<std::string, std::string>>;

// In the order of the query; absent: an escape is wrong.
std::optional<Query> read_query(std::string_view text);

}  // namespace consultd::web
