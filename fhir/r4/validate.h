// validate: a structural R4 check: types, cardinalities, choice types, primitive formats, required
// codes, reference targets, references inside Bundles and to contained resources, document rules;
// codes of the systems that R4 itself lists, where R4's own extensions stand, where narratives
// point.
#pragma once

#include <string>
#include <vector>

#include "fhir/json.h"

namespace consultd::fhir::r4 {

struct Finding {
    enum class Severity { Error, Warning };
    Severity severity;
    std::string path;  // FHIRPath: "Bundle.entry[3].resource.status"
    StaticText text;
};

// Empty: nothing found. Findings never quote the data.
std::vector<Finding> validate(const Json& resource);

}  // namespace consultd::fhir::r4
