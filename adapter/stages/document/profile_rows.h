// ProfileRows: what each IPS profile demands of an entry, as a table. Knows neither what is claimed
// nor how absence is written. https://hl7.org/fhir/uv/ips/STU1.1/profiles.html
#pragma once

#include <array>
#include <span>

#include "adapter/stages/reading/display.h"

namespace consultd {

// What an element becomes when the record has none of it.
enum class Absent {
    Object,     // {extension}
    List,       // [{extension}]
    Primitive,  // _element: {extension}
    DateTime,   // _elementDateTime: {extension}
    NameText,   // [{_text: {extension}}], because a name needs one of its parts
};

struct Need {
    StaticText element;  // without its type where it is a choice
    Absent absent;
};

using Check = bool (*)(fhir::JsonView resource);

struct ProfileRow {
    StaticText type;
    StaticText url;
    std::span<const Need> needs;
    std::span<const StaticText>
        targets;  // references that must lead to what satisfies its own profile
    Check check;  // what no absence can help; null: nothing
};

// The first row of a type that a resource can satisfy is the one it claims.
inline constexpr std::size_t profile_rows_count = 19;
extern const std::array<ProfileRow, profile_rows_count> profile_rows;

}  // namespace consultd
