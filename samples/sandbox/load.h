// Load: fills a Store from files: Bundles of any kind (Synthea's transactions too), NDJSON, single
// resources. Ids are kept: a resource's own, else the uuid of its fullUrl. Links between the
// entries of a Bundle and references by search become "Type/id".
#pragma once

#include <filesystem>
#include <vector>

#include "samples/sandbox/store.h"

namespace consultd::sandbox {

// The number of resources. Malformed: a file is no FHIR JSON, a link leads nowhere.
Result<std::size_t> load_text(Store& store, std::string text, Instant now);
// A folder is read in the order of names, but "*-referenced*" first: others point into them.
Result<std::size_t> load_path(Store& store, const std::filesystem::path& path, Instant now);

}  // namespace consultd::sandbox
