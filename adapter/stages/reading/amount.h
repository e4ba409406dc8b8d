// Amount: whether a text says an amount, the number and the unit: "125 micrograms" is not 125 mg,
// and "0,5 mg" is not 5 mg. What cannot be read for sure is not said. Knows the units that doses
// are measured in (https://ucum.org/ucum) as people write them; all others, such as tablets and
// puffs, count things.
#pragma once

#include <string_view>

namespace consultd {

// The text in lower case.
bool has_amount(std::string_view text, std::string_view number, std::string_view unit);

}  // namespace consultd
