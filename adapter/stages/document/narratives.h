// Narratives: the text that resources brought with them, made safe to show: what the narrative
// whitelist does not allow is taken out, links inside the text that lead nowhere lose their target,
// and of a text that is no XHTML the words are kept
// (https://hl7.org/fhir/R4/narrative.html#security).
#pragma once

#include <vector>

#include "adapter/stages/record.h"

namespace consultd {

// The resources with clean narratives; a Change for each that changed: "narrative.sanitized",
// "narrative.rewritten", "narrative.dropped" (nothing to read was left, or
// it was generated from the data).
Result<std::vector<PacketResource>> clean_narratives(std::vector<PacketResource> resources,
                                                     ChangeList& changes);

}  // namespace consultd
