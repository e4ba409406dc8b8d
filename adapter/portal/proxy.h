// Proxy: somebody whom the hospital lets act for its patient: a parent, a daughter, a guardian. Who
// signed in is the id_token's `fhirUser`; whose records these are is the launch patient; where the
// two differ, each page says so, and the Consent names who agreed. Owns no session.
// https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-identity-data,
// https://hl7.org/fhir/R4/consent-definitions.html#Consent.performer
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapter/peers.h"
#include "fhir/client/smart_standalone.h"
#include "fhir/json.h"

namespace consultd::portal {

struct Proxy {
    std::string user;  // who signed in: "RelatedPerson/7" at the source, or a URL of elsewhere
    std::string name;  // empty: the hospital does not say
    std::string patient_name;
    fhir::Json relationship;  // RelatedPerson.relationship; null: not known
};

// Who signed in, as the source would name them; absent: the patient themself, or nobody says.
std::optional<std::string> proxy_user(std::string_view fhir_user, std::string_view patient_id,
                                      const fhir::Url& base);
// With what the hospital says of both, as far as it does.
Proxy read_proxy(std::string user, const fhir::PatientTokens& tokens, Peer& source,
                 const fhir::Call& call);

// Whether the sign-in still opens the patient's record. Unauthorized, Forbidden, NotFound: not any
// more. Else nobody can say now.
Status still_opens(const fhir::PatientTokens& tokens, Peer& source, const fhir::Call& call);

// A Consent of the patient's (choice.h) as the one that somebody agreed to for them.
fhir::Json agreed_for(const fhir::Json& consent, const Proxy& proxy, const fhir::Url& base);
// "MTH", a word of HL7's own list; empty: none is known. For the log, which has no other words.
// https://terminology.hl7.org/CodeSystem-v3-RoleCode.html
std::string relationship_code(const Proxy& proxy);

}  // namespace consultd::portal
