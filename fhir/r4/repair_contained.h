// repair_contained: what must hold between a resource and those in it, put right: ids that are none
// get others, what nothing refers to and what says that it is a server's is no contained resource.
// https://hl7.org/fhir/R4/references.html#contained
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/json.h"

namespace consultd::fhir::r4 {

// What has no place where it stands, and the name it had there.
struct JsonPlace {
    std::string name;
    Json value;
};
// One object of them; those of one name in an array.
Json object_of(const std::vector<JsonPlace>& places);

// The types of the contained resources by their ids.
using ContainedTypes = std::map<std::string, std::string, std::less<>>;
ContainedTypes contained_types(const Json& container);

// The resource with ids that R4 allows for those in it, and what refers to them.
Json with_contained_ids(const Json& resource);

// Without what may not be contained; that goes `over`. A label of one holds for the whole.
Json settle_contained(const Json& resource, std::vector<JsonPlace>& over);

}  // namespace consultd::fhir::r4
