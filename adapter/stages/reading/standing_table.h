// Standing table: what each code of each status element of R4 makes of a resource, by element and
// value set. The words are those of the standards; what stands beside a name is nothing else.
#pragma once

#include <span>

#include "adapter/stages/reading/standing.h"

namespace consultd {

struct StandingCode {
    StaticText code;
    Standing standing;
    StaticText words;  // empty: it may be told as it is
};

struct StandingRule {
    StaticText types;    // resource types, parted by spaces
    StaticText element;  // of each of them
    StaticText url;      // of the value set, or of the element's definition
    std::span<const StandingCode> codes;
};

std::span<const StandingRule> standing_rules();

}  // namespace consultd
