// schema_check: checks a JSON value against a JSON Schema and lists every problem, where
// RapidJSON's own validator stops at the first. Knows the keywords that consultd.schema.json uses
// and refuses others. https://json-schema.org/draft/2020-12
#pragma once

#include <vector>

#include "config/config.h"
#include "fhir/json.h"

namespace consultd::config {

// Problems in the order of the document; each path is a JSON Pointer (RFC 6901).
std::vector<Problem> schema_check(fhir::JsonView schema, fhir::JsonView value);

// One step of a JSON Pointer: "/" and the name with its "~" and "/" escaped.
std::string pointer_step(std::string_view name);

}  // namespace consultd::config
