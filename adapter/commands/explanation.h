// explanation: what a consent makes of one record, as a page for the patient and for the privacy
// officer (`prepare --explain`): what goes, what stays and what is unsure, each by name, with the
// rule that decided it, the sign and where that is known from. It names what is withheld: it is
// made only where somebody asks, lies beside the packet and is never a part of it.
#pragma once

#include <string>

#include "adapter/prepare.h"

namespace consultd::commands {

// As `prepare` decides of the same. Errors: those of it.
Result<std::string> explanation_of(const Record& record, const fhir::Json& consent,
                                   const Request& request, const Knowledge& knowledge,
                                   const Budget& budget);

}  // namespace consultd::commands
