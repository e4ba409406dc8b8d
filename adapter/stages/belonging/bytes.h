// Bytes: whose a record is that stands in the bytes of a Binary: FHIR in JSON, NDJSON or XML, a
// C-CDA, a message, an image, or one of these in a mail or in base64, whatever they are said to be.
// Other bytes are their document's. What begins like a record and cannot be read, and an archive,
// is nobody's. Pure. https://hl7.org/fhir/R4/binary.html,
// https://www.hl7.org/ccdasearch/
#pragma once

#include <cstddef>
#include <string_view>

#include "adapter/stages/belonging/belonging.h"

namespace consultd {

Belonging belonging_of_bytes(std::string_view base64, std::size_t file,
                             const PatientIdentity& patient);

}  // namespace consultd
