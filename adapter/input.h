// Input: records from files: single resources and Bundles in JSON or XML, arrays and NDJSON, as
// `prepare`, `normalize` and `validate` take them. What belongs to another patient is rejected here
// as in a pull.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapter/stages/record.h"

namespace consultd {

// One JSON or XML text of an input and where it stood: "record.json", "export.ndjson:17".
struct InputDocument {
    std::string place;
    fhir::Json json;
};

// Malformed: not JSON, or a line of NDJSON that is not; XML that is no resource of R4. The detail
// `line` tells where.
Result<std::vector<InputDocument>> parse_input(std::string place, std::string text);

// All resources in the documents, out of Bundles too, as a record of the patient that `consent`
// names; without a consent (null), of the only Patient there is. Of two versions of a resource the
// one updated last stands. NotFound: no such Patient. Conflict: two of that name.
Result<Record> record_from(const std::vector<InputDocument>& documents, fhir::JsonView consent,
                           Instant as_of);

}  // namespace consultd
