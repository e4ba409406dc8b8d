// What a client speaks: FHIR's JSON, in R4's version, is all that we do.
// https://hl7.org/fhir/R4/http.html#mime-type, #version-parameter
#pragma once

#include "adapter/web/server/server.h"

namespace consultd::web {

// Whether an answer in application/fhir+json is one that `Accept` allows, or `_format`, which goes
// before it. Without either anything is.
bool takes_fhir_json(const ServerRequest& request);
// Whether `Content-Type` says that the body is FHIR in JSON.
bool is_fhir_json(const ServerRequest& request);

}  // namespace consultd::web
