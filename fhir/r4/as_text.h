// as_text: what an element said that R4 has no form for, said as the standard has it: the element
// is absent for the reason `as-text`, and its original text stands beside. Pure.
// https://hl7.org/fhir/R4/extension-data-absent-reason.html ·
// https://hl7.org/fhir/R4/extension-originaltext.html
#pragma once

#include "fhir/json.h"

namespace consultd::fhir::r4 {

// The extension originalText: a string by its own words, anything else as JSON. Null where a string
// of R4 cannot hold it: nothing, or more than 1024*1024 characters.
Json original_text(JsonView value);

// `beside` (the `_name` of a primitive, or what is left of an element with parts; null: nothing)
// with both extensions for `value`. Null where the text cannot be carried and nothing else is left.
Json as_text(const Json& beside, JsonView value);

// An element, or the `_name` of one, of which nothing was said.
Json absent_unknown();

}  // namespace consultd::fhir::r4
