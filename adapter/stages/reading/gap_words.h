// gap_words: why something was not handed over, in words a consultant reads. The ledger keeps our
// own.
#pragma once

#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd {

// Of a Gap's reason; a plain sentence part for one that has no row.
StaticText gap_words(std::string_view reason);
// Of a Gap's `what`: "Document, attachment 1" for "DocumentReference/7 attachment 1".
std::string gap_title(std::string_view what);

}  // namespace consultd
