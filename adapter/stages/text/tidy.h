// Tidy: white space of a text as a reader needs it: one space, and of ends of line as many as are
// allowed to stand together.
#pragma once

#include <string>
#include <string_view>

namespace consultd {

std::string tidy(std::string_view text, std::size_t ends_max);
// Of pages set in spaces: what is wide stays wide (an em space), a page ends with an empty line.
std::string tidy_pages(std::string_view text);

}  // namespace consultd
