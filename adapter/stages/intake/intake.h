// Intake: a record out of files, as `prepare`, `normalize` and `validate` take them: the Patient
// that a consent names is looked for, what URNs stand for is put together, and the rest is the path
// that a server's answers go too (candidates). Knows no network.
#pragma once

#include "adapter/stages/intake/documents.h"
#include "adapter/stages/record.h"
#include "config/config.h"

namespace consultd {

// All resources in the documents, out of Bundles too, as a record of the patient that `consent`
// names; without a consent (null), of the only Patient there is, and nothing is proven. NotFound:
// no such Patient. Conflict: two of that name. Malformed: nothing in it is FHIR, or the Patient is
// not. TooLarge: more resources than the limit.
Result<Record> record_from(std::vector<InputDocument> documents, fhir::JsonView consent,
                           Instant as_of, const config::Limits& limits = {});

}  // namespace consultd
