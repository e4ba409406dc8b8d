// Documents: what a file holds: one resource or Bundle in JSON or XML, an array of them, or NDJSON,
// with a byte order mark or without. It tells by the content, and by the name only where the
// content cannot tell. Knows nothing of what the documents say.
#pragma once

#include <string>
#include <vector>

#include "fhir/json.h"
#include "fhir/r4/older_elements.h"

namespace consultd {

// One JSON or XML text of an input and where it stood: "record.json", "export.ndjson:17".
struct InputDocument {
    std::string place;
    fhir::Json json;
    // Of XML: the first release that has all of its elements; JSON says nothing by its form.
    fhir::r4::Release release = fhir::r4::Release::R4;
};

// TooLarge: over the limits. Malformed: not JSON, or a line of NDJSON that is not; XML that is no
// resource of R4, STU3 or DSTU2. The detail `line` tells where. A byte order mark is no data, as a
// reader may have it (https://www.rfc-editor.org/rfc/rfc8259#section-8.1).
Result<std::vector<InputDocument>> parse_input(std::string place, std::string text,
                                               const fhir::JsonLimits& limits = {
                                                   .bytes_max = std::size_t{2} << 30,
                                                   .depth_max = 64});

}  // namespace consultd
