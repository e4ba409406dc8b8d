// Raised: what stands above or below the line, as plain text has it: 10⁹/L, m², CO₂. Knows no
// format.
#pragma once

#include <string>
#include <string_view>

namespace consultd {

// "9" → "⁹", "-9" → "⁻⁹"; another number stays apart from what is before it, "1.5" → "^(1.5)";
// what has no digit as it is ("1st").
std::string raised(std::string_view text);
// "2" → "₂"; else as it is.
std::string lowered(std::string_view text);

}  // namespace consultd
