// What an event of ours says, read back from its JSON: the other direction of event.h. For whoever
// holds an entry of the log, or the leaf of a receipt.
#pragma once

#include <string_view>

#include "adapter/audit/act.h"
#include "adapter/audit/event.h"

namespace consultd::audit {

// Whether it is one of ours of this kind: "disclosure-intent", "disclosure-outcome".
bool has_own_subtype(fhir::JsonView event, std::string_view code);
// The entity whose `what.identifier` is of this system; null when there is none.
fhir::JsonView entity_of(fhir::JsonView event, std::string_view system);
std::string_view transfer_of(fhir::JsonView event);  // its id; empty: it names none
std::string_view packet_hash_of(fhir::JsonView event);
// The agent that has this role of DICOM's: "110152", the one who receives. Null: there is none.
fhir::JsonView agent_of(fhir::JsonView event, std::string_view role);
// The identifier of the person who asked for what the event is about; null: nobody did.
fhir::JsonView requestor_of(fhir::JsonView event);
// What an act was; absent in any other event.
std::optional<Act::What> act_in(fhir::JsonView event);
// What a disclosure's outcome says became of it; absent in any other event.
std::optional<DisclosureOutcome> outcome_in(fhir::JsonView event);
std::string_view destination_task_in(fhir::JsonView event);
// How what an outcome says is known: the same as disclosure_outcome() was given.
Details evidence_in(fhir::JsonView event);
// The facts of an intent, without the event's own id and time: its outcome says them again.
Disclosure disclosure_in(fhir::JsonView event);

}  // namespace consultd::audit
