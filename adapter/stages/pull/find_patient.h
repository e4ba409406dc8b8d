// find_patient: the one Patient at a source who has this identifier.
#pragma once

#include <string>

#include "fhir/client/fhir_client.h"

namespace consultd {

// The id. NotFound: nobody has it. Conflict: several have it, and it is not ours to choose.
Result<std::string> find_patient(fhir::FhirClient& client, const std::string& system,
                                 const std::string& value, const fhir::Call& call);

}  // namespace consultd
