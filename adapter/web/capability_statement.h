// CapabilityStatement: what GET /fhir/metadata says of the FHIR interface. A test holds it against
// the table of routes. https://hl7.org/fhir/R4/capabilitystatement.html
#pragma once

#include "fhir/json.h"

namespace consultd::web {

fhir::Json capability_statement();

}  // namespace consultd::web
