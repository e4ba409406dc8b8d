// Amendments: what a report, a document or a result says of an earlier one of its kind: that it
// replaces it, adds to it. Both then say so; what was replaced stands as such.
// https://hl7.org/fhir/R4/documentreference-definitions.html#DocumentReference.relatesTo,
// https://hl7.org/fhir/R4/composition-definitions.html#Composition.relatesTo,
// https://hl7.org/fhir/R4/extension-diagnosticreport-replaces.html, …-addendumof.html,
// https://hl7.org/fhir/R4/extension-observation-replaces.html
#pragma once

#include <vector>

#include "adapter/stages/reading/statement.h"

namespace consultd {

void relate_what_was_amended(std::vector<Statement>& statements, const PacketIndex& index);

}  // namespace consultd
