// ask: what at the destination goes by a name of ours. By GET; where that is refused, by POST, as
// servers allow the one and not the other. https://hl7.org/fhir/R4/search.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fhir/client/fhir_client.h"

namespace consultd {

// A name: found by "identifier" or "_tag" = system|value.
struct NameThere {
    std::string_view by, system, value;
};
bool carries(const NameThere& name, fhir::JsonView resource);

// The resources of that type that carry it, each once: a server that does not know the parameter
// answers with all it has. Errors as of a search; is_unaskable() of both ways.
Result<std::vector<fhir::Json>> find_there(fhir::FhirClient& client, const std::string& type,
                                           const NameThere& name, const fhir::Call& call);

// It answers, and does not let this be asked for.
bool is_unaskable(const Error& error);

}  // namespace consultd
