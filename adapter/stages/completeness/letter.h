// Letter: what is missing, asked of whoever probably has it, in plain text, ready to be sent. It
// asks for records and says nothing of what they would say.
#pragma once

#include "adapter/stages/completeness/completeness.h"

namespace consultd {

// Empty where nothing is missing. `who` names the patient: "Test, Ada, born 3 Feb 1961".
std::string letter_for(const std::vector<ChecklistItem>& items, const Request& request,
                       std::string_view who);
// The patient of the letter, from the record.
std::string who_of(const fhir::Resource& patient, Instant as_of);

}  // namespace consultd
