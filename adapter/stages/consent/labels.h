// Labels: what a resource that goes betrays, written on it for whoever receives it, and the
// high-water mark that follows. https://hl7.org/fhir/R4/security-labels.html,
// http://hl7.org/fhir/uv/security-label-ds4p/
#pragma once

#include "adapter/knowledge/sensitivity.h"
#include "fhir/json.h"

namespace consultd::consent {

// With a sensitivity label for each matter, and as restricted where one is more than possible,
// unless a confidentiality is said. What a programme for substance use holds carries the law and
// its refrain, not to be disclosed again without consent (42 CFR 2.32), and so does what its
// source labels so. The same where nothing is said.
fhir::Json with_labels(const fhir::Json& resource, const Sensitivity::Signs& betrays,
                       bool is_of_programme);

}  // namespace consultd::consent
