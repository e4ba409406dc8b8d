// gap_words: why something was not handed over, in words a consultant reads. The ledger keeps our
// own.
#pragma once

#include <string>
#include <string_view>

#include "adapter/ledger.h"
#include "fhir/base/result.h"

namespace consultd {

// Of a Gap's reason; a plain sentence part for one that has no row.
StaticText gap_words(std::string_view reason);
// Of a Gap's `what`: "Document, attachment 1" for "DocumentReference/7 attachment 1".
std::string gap_title(std::string_view what);

// Whether it is something of the record of which nobody may say what it was: it may be anything
// that is looked for and not found.
bool is_unnamed(const Gap& gap);

}  // namespace consultd
