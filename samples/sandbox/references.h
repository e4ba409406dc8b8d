// References: rewrites the links of a resource as a transaction demands: Reference.reference, uri
// elements and links in narratives (https://hl7.org/fhir/R4/http.html#trules). A Bundle inside is
// left as it is: its links are its own. Knows no store.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/json.h"

namespace consultd::sandbox {

using Links = std::map<std::string, std::string, std::less<>>;  // fullUrl → "Type/id"

fhir::Json rewrite_links(const fhir::Json& resource, const Links& links);
// Every Reference.reference of the resource, contained resources included.
std::vector<std::string> references_of(const fhir::Json& resource);
// "Patient?identifier=…": a reference by search.
bool is_conditional(std::string_view reference);

}  // namespace consultd::sandbox
