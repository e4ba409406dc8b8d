// Within: the results that a report, or a panel, holds within itself. They are results as all
// others are (https://hl7.org/fhir/R4/references.html#contained): each is brought out under the URL
// of its owner and its own id, with what it shares with its owner and its owner alone says: when it
// was, and the specimen.
#pragma once

#include "adapter/stages/record.h"

namespace consultd {

std::vector<PacketResource> results_within(const std::vector<PacketResource>& resources);

// The full URL of what a resource travels in: its own, or its owner's.
std::string_view url_of_owner(std::string_view full_url);

}  // namespace consultd
