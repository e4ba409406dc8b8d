// InputEntries: what the documents of an input hold, one by one, with what a Bundle says of each
// and of itself: an outcome is no record, a history tells of deletions, a searchset may be a part
// of an answer. Knows no patient. https://hl7.org/fhir/R4/bundle.html
#pragma once

#include <string>
#include <vector>

#include "adapter/ledger.h"
#include "adapter/stages/candidates/candidates.h"
#include "adapter/stages/intake/documents.h"

namespace consultd {

struct InputEntries {
    std::vector<Incoming> resources;
    struct Deleted {
        std::string address;  // its fullUrl, or "Type/id"
        Deletion deletion;
    };
    std::vector<Deleted> deleted;
    std::vector<Gap> gaps;  // what the Bundles say is lacking in them
};

InputEntries take_apart(std::vector<InputDocument> documents);

}  // namespace consultd
