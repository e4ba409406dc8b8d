// xml_bounds: what must be known of XML from outside before libxml2 reads it. Its reader compares
// each attribute of an element with all others, and each prefix with all that are declared: a few
// hundred KiB of them take it minutes. A document type could declare entities that grow without
// end.
#pragma once

#include <optional>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::fhir {

// TooLarge: an element with more than 64 attributes, or a text with more than 1000 prefixes.
// Malformed: a document type. Of what is not well-formed it tells nothing. Absent: it may be read.
std::optional<Error> xml_fault_before_reading(std::string_view xml);

}  // namespace consultd::fhir
