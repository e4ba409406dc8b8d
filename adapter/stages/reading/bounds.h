// Bounds: when the instructions of a medicine begin and end by themselves: a period, dates, a
// length, a count. What begins later is planned; what is past by its own bounds is over, whatever
// its status says. Must not know: other entries of the record.
// https://hl7.org/fhir/R4/datatypes.html#Timing
#pragma once

#include <optional>

#include "adapter/stages/reading/standing.h"
#include "fhir/base/clock.h"
#include "fhir/resource.h"

namespace consultd {

// Of an order or a statement of a medicine; absent where its bounds leave it as it stands. A length
// without a start counts from the day of the order, once more for each repeat that the order
// allows.
std::optional<StandingWord> bounds_word(const fhir::Resource& medicine, Instant as_of);

}  // namespace consultd
