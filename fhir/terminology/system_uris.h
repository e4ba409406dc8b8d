// system_uris: the one URI by which R4 names a code or identifier system, from the OIDs, legacy
// URLs and variants that records carry (https://hl7.org/fhir/R4/terminologies-systems.html). A
// table with sources; knows systems, never codes: ICD-10-CM codes under the URI of ICD-10 stay
// where they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace consultd::fhir {

struct SystemUri {
    std::string uri;
    std::string version;  // where the variant held one (an edition of SNOMED CT); else empty
};

// Absent: `system` is already as it should be, or nothing is known about it. An OID that is not in
// the table becomes urn:oid: and the OID. The answer of an answer is absent.
std::optional<SystemUri> canonical_system(std::string_view system);

}  // namespace consultd::fhir
