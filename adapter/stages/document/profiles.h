// Profiles: what each IPS profile demands of an entry, as a table, and what we do where the record
// has nothing: the standard's extension for absence stands there instead, and the profile is
// claimed in meta.profile only by what then satisfies it. What a source claimed stays, save what we
// cannot check. https://hl7.org/fhir/uv/ips/STU1.1/profiles.html ·
// https://hl7.org/fhir/R4/extension-data-absent-reason.html
#pragma once

#include <vector>

#include "adapter/stages/reading/display.h"

namespace consultd {

struct ProfileClaims {
    std::vector<PacketResource> resources;  // as given, in their order
    ChangeList changes;                     // rules "data-absent-reason", "profile.*"
};

Result<ProfileClaims> claim_profiles(std::vector<PacketResource> resources);

// {"url": data-absent-reason, "valueCode": "unknown"} and an element that holds nothing else.
fhir::Json absent_reason(std::string_view code = "unknown");
fhir::Json absent_element(std::string_view code = "unknown");

}  // namespace consultd
