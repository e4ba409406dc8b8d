// assemble: pure. Makes the packet of what the consent left: an IPS-conformant document Bundle
// (http://hl7.org/fhir/uv/ips/, 1.1.0 and 2.0.0 rules both), the same as one HTML page, and what is
// missing. Each product has its own room under stages/; this puts them together.
#pragma once

#include "adapter/knowledge/knowledge.h"
#include "adapter/stages/budget.h"
#include "adapter/stages/packet.h"

namespace consultd {

// Malformed: the patient is not among the resources. Cancelled, TooLarge: as the budget says.
Result<Packet> assemble(PacketInput input, const Knowledge& knowledge, const Budget& budget = {});

}  // namespace consultd
