// Granted: which scopes the source granted while a pull went on, and what that leaves unproven: an
// answer has nothing in it that no scope covers, and says nothing of it either.
// https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html,
// https://www.rfc-editor.org/rfc/rfc6749#section-5.1
#pragma once

#include <set>
#include <string>

#include "adapter/stages/record.h"
#include "fhir/client/fhir_client.h"

namespace consultd {

class Granted {
public:
    // The scopes that are in force now, beside those under which earlier runs had their answers.
    // Errors as FhirClient::granted_scope, where nothing is known of the grant.
    Status note(fhir::FhirClient& client, const fhir::Call& call);
    // A type that some grant did not let us search for as a whole is not proven by what it brought:
    // the gap "not-granted".
    void mark(Record& record) const;

private:
    bool covers(std::string_view type) const;

    std::set<std::string> scopes_;  // of each grant; empty: nobody says
    bool is_read_back_ = false;
};

}  // namespace consultd
