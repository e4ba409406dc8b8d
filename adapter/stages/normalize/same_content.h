// same_content: what of a resource counts when copies of the same thing are looked for: all but its
// id, its version, where it was stored and a narrative that was generated from the rest. A
// narrative that says more (`additional`), or does not say what it is, counts.
// https://hl7.org/fhir/R4/codesystem-narrative-status.html
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "fhir/json.h"

namespace consultd::normalizing {

// SameButForLinks: members `reference` and `url` differ where `same_link` takes their texts for the
// same.
enum class Likeness { Different, SameButForLinks, Same };
using SameLink = std::function<bool(std::string_view left, std::string_view right)>;
Likeness compare_content(fhir::JsonView left, fhir::JsonView right, const SameLink& same_link);

// A number that the same content has, whatever the order of its members: the sum of what each value
// adds at its place, so that a link that is led elsewhere changes its own part alone. `is_link` is
// asked of the text of each member `reference` or `url`; what it takes is left out, for the caller
// to add by `part_of`.
using IsLink = std::function<bool(std::string_view text, std::uint64_t place)>;
std::uint64_t content_hash(fhir::JsonView resource, const IsLink& is_link);
std::uint64_t part_of(std::uint64_t place, std::uint64_t value);

}  // namespace consultd::normalizing
