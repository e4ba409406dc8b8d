// find_patient: the one Patient at a source who has this identifier.
#pragma once

#include <string>

#include "fhir/client/fhir_client.h"

namespace consultd {

// The id. NotFound: nobody has it. Conflict: several have it, or may, as the answer says that it is
// not all there is, and it is not ours to choose. Unsupported: it does not let itself be asked so.
Result<std::string> find_patient(fhir::FhirClient& client, const std::string& system,
                                 const std::string& value, const fhir::Call& call);

}  // namespace consultd
