// validate: a structural R4 check: types, cardinalities, choice types, primitive formats, required
// codes, reference targets, references inside Bundles and to contained resources, document rules;
// codes of the systems that R4 itself lists, where R4's own extensions stand, where narratives
// point.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/json.h"

namespace consultd::fhir::r4 {

struct Finding {
    enum class Severity { Error, Warning };
    Severity severity;
    std::string path;  // FHIRPath: "Bundle.entry[3].resource.status"
    StaticText text;
};

// The type of the resource that a reference leads to; empty: to none that is known.
using TypeOf = std::function<std::string_view(std::string_view)>;

// Empty: nothing found. Findings never quote the data. With `type_of` the resource is taken for one
// of those that it knows: an entry of a Bundle that is to be.
std::vector<Finding> validate(const Json& resource, const TypeOf& type_of = {});

// Of Reference.type, which may be a resource type or its whole canonical.
std::string_view bare_type(std::string_view type);

}  // namespace consultd::fhir::r4
