// normalize: pure. Codes and references are brought into one form, exact duplicates are folded,
// each change is in the ledger with what stood there before. What is not understood is carried
// unchanged.
#pragma once

#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/record.h"

namespace consultd {

struct Normalized {
    std::vector<PacketResource> resources;  // sorted by full_url
    struct Merged {
        std::string source;
        std::string into;  // full_url
        StaticText rule;
    };
    std::vector<Merged> merged;
    std::vector<Change> changes;
    std::vector<Gap> gaps;  // references that lead to nothing we hold
};

// The urn:uuid of a source resource: version 5 from the source's base URL (or fullUrl) and its
// name.
std::string full_url_of(const Record& record, const PulledResource& resource);

Result<Normalized> normalize(const Record& record);

// Takes the changes back: the resources as they stood before (promise 5).
Result<std::vector<fhir::Json>> undo(const std::vector<fhir::Json>& resources,
                                     const std::vector<Change>& changes);

}  // namespace consultd
