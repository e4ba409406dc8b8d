// Corrections: codes of a source that break what R4 or a published extension demands, where the
// right code follows from the standard alone: the code maps and quirks of knowledge. Each is a
// Change that can be undone. What the standard does not settle stays as it is.
#pragma once

#include <vector>

#include "adapter/knowledge/code_maps.h"
#include "adapter/knowledge/quirks.h"
#include "adapter/stages/record.h"

namespace consultd {

// Rules: "code.replaced" (a newer code beside the one HL7 retired), "code.spelling" (a misspelled
// code of a code system of HL7), "extension.code" (a code outside the value set its extension is
// bound to is taken out; the extension's text stays).
Result<std::vector<PacketResource>> correct_codes(std::vector<PacketResource> resources,
                                                  const CodeMaps& maps, const Quirks& quirks,
                                                  ChangeList& changes);

}  // namespace consultd
