// xml_bounds: what must be known of XML from outside before libxml2 reads it. Its reader compares
// each attribute of an element with all others, and each prefix with all that are declared: a few
// hundred KiB of them take it minutes.
#pragma once

#include <string_view>

namespace consultd::fhir {

// Whether an element has more than 64 attributes, or the text more than 1000 prefixes. Of what is
// not well-formed it tells nothing.
bool has_too_many_attributes(std::string_view xml);

}  // namespace consultd::fhir
