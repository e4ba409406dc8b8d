// Scopes of SMART: what is asked for at a patient's own sign-in, in the syntax that the server
// declares, and what was granted in the end, to a patient or to us. Pure.
// https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
#pragma once

#include <string>
#include <string_view>

#include "fhir/client/smart_discovery.h"

namespace consultd::fhir {

// "launch/patient patient/*.rs openid fhirUser offline_access": version 2 unless the server has
// version 1 alone; identity and a refresh token where it offers them. `data`, where it is not
// empty, stands in the place of "patient/*.rs".
std::string sign_in_scope(const SmartConfiguration& server, const std::string& data);
// Whether this lets resources of the type be searched for, all of them: a scope for a part of a
// type ("?category=…") does not. Person: by a patient's own sign-in, where scopes of a system are
// none.
enum class Level { Person, Any };
bool may_search(std::string_view granted, std::string_view type, Level level = Level::Person);
// Whether any word of it is about resources: a server may have scopes of its own kind (".default").
bool names_resources(std::string_view scope);
bool has_scope(std::string_view granted, std::string_view scope);

}  // namespace consultd::fhir
