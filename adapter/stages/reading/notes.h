// Notes: what a resource says beside its name and its value: why, why it stands as it does, and the
// remarks, complications and outcomes that stand in elements of their own.
#pragma once

#include "adapter/stages/reading/display.h"

namespace consultd {

// reasonCode, and what reasonReference leads to.
std::string why_text(const fhir::Resource& resource, const PacketIndex& index);
// statusReason: why it was stopped, held, not done.
std::string status_reason(const fhir::Resource& resource);
// note, description, complication, outcome …, each with its own name where that is needed.
std::string notes_text(const fhir::Resource& resource, const PacketIndex& index);

}  // namespace consultd
