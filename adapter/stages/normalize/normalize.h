// normalize: pure. Codes and references are brought into one form, exact duplicates are folded,
// each change is in the ledger with what stood there before. What is not understood is carried
// unchanged.
#pragma once

#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/budget.h"
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
    ChangeList changes;  // sorted by resource; of each in the order they were made
    struct NormalizedGap {
        Gap gap;
        // The full_urls of `resources` that it comes from: told only where one of them is.
        std::vector<std::string> from;
    };
    // References that lead to nothing we hold, sorted; those too that the record's own gaps tell.
    std::vector<NormalizedGap> gaps;
};

// The urn:uuid of a source resource: version 5 from the source's base URL (or fullUrl) and its
// name.
std::string full_url_of(const Record& record, const PulledResource& resource);

// Whether anybody asks for the changes: where nobody does, none are held.
enum class Changes { Keep, Forget };

// Conflict: two resources of one name. Cancelled, TooLarge: as the budget says.
Result<Normalized> normalize(const Record& record, const Budget& budget = {},
                             Changes wanted = Changes::Keep);

// Takes the changes back, of this stage and of those after it, the last one first: the resources as
// they stood before (promise 5). Malformed, Corrupt: a change is none of these resources as they
// are.
Result<std::vector<fhir::Json>> undo(const std::vector<fhir::Json>& resources,
                                     const ChangeList& changes);

}  // namespace consultd
