// from_xml: a resource in FHIR R4's XML as the same resource in JSON, by the element table
// (https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/json.html). Numbers keep their digits.
#pragma once

#include <string_view>

#include "fhir/json.h"
#include "fhir/r4/older_elements.h"
#include "fhir/xml.h"

namespace consultd::fhir::r4 {

// Malformed, with `line`: errors of read_xml; no resource of R4; an element or attribute that R4
// does not have there, which has no JSON of its own and would be lost; an element twice that does
// not repeat. TooLarge: over a limit. A value that its type does not allow is carried as a string,
// for `validate` to tell. The order of elements is not looked at.
Result<Json> resource_from_xml(std::string_view xml, const JsonLimits& limits = {});

// The same of the first release that has all of it, R4 before STU3 before DSTU2: XML does not say
// of which it is. The error is R4's where none has.
struct ReleasedJson {
    Json json;
    Release release;
};
Result<ReleasedJson> resource_from_xml_of_any_release(std::string_view xml,
                                                      const JsonLimits& limits = {});

}  // namespace consultd::fhir::r4
