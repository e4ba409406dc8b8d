#include "adapter/doctor/sign_in.h"

#include <sstream>

#include "fhir/client/granted_scope.h"
#include "fhir/client/smart_standalone.h"

namespace consultd::doctor {
namespace {

// Nobody is sent there: it is what the portal would name.
constexpr const char* some_redirect = "https://localhost/portal/callback";

struct KnownAs {
    StaticText capability, words;
};
KnownAs known_as(const config::Auth& auth) {
    if (!auth.key_file.empty()) return {"client-confidential-asymmetric", "by our key"};
    if (!auth.client_secret_file.empty()) return {"client-confidential-symmetric", "by a secret"};
    return {"client-public", "by name alone"};
}

void look_at_offer(const fhir::SmartConfiguration& server, const config::Auth& auth,
                   Findings& findings) {
    const bool stands_alone = server.can("launch-standalone");
    findings.push_back(
        {stands_alone ? Mark::Good : Mark::Note, "sign-in",
         stands_alone ? "launch-standalone is declared" : "launch-standalone is not declared",
         stands_alone ? StaticText("") : "May patients sign in to us outside of their portal?"});
    const bool has_method = server.challenges.contains("S256");  // others are refused before
    findings.push_back({has_method ? Mark::Good : Mark::Note, "PKCE",
                        has_method ? "S256" : "no method is declared; S256 is sent"});
    const KnownAs ours = known_as(auth);
    const bool is_declared = server.can(ours.capability.view());
    findings.push_back(
        {is_declared ? Mark::Good : Mark::Note, "client",
         "known " + std::string(ours.words.view()) + "; " + std::string(ours.capability.view()) +
             (is_declared ? " is declared" : " is not declared"),
         is_declared ? StaticText("") : "Their registration of our client decides."});
}

// Nobody is registered by looking.
void look_at_registration(const fhir::SmartConfiguration& server, Findings& findings) {
    const bool is_offered = server.registration_endpoint.has_value();
    findings.push_back(
        {is_offered ? Mark::Good : Mark::Bad, "registration",
         is_offered ? "apps register themselves at " + server.registration_endpoint->origin()
                    : "no registration_endpoint is declared",
         is_offered ? StaticText("")
                    : "Register with them, and set `clientId` in the place of "
                      "`registration`."});
}

// What they list is a hint: more may be granted.
void look_at_sign_in_scopes(const fhir::SignIn& sign_in, Findings& findings) {
    std::string missing;
    std::istringstream asked(sign_in.scope);
    for (std::string scope; asked >> scope;)
        if (!sign_in.server.scopes.contains(scope)) missing += " " + scope;
    if (sign_in.server.scopes.empty())
        findings.push_back({Mark::Note, "scopes", "none are listed; asked for: " + sign_in.scope});
    else if (missing.empty())
        findings.push_back({Mark::Good, "scopes", "listed: " + sign_in.scope});
    else
        findings.push_back({Mark::Note, "scopes", "asked for and not listed:" + missing,
                            "A list is a hint; if it is true, records will be missing."});
    if (!fhir::has_scope(sign_in.scope, "offline_access"))
        findings.push_back({Mark::Note, "refresh", "is not offered",
                            "A pull that takes longer than a token waits for the patient."});
}

}  // namespace

bool look_at_sign_in(const Institution& institution, const Tools& tools, Findings& findings) {
    const fhir::Call call = tools.call();
    const Result<fhir::SmartStandalone> ours = institution.peer.sign_in(call);
    if (!ours) {
        findings.push_back(
            {Mark::Bad, "client", words_of(ours.error()), "The files that `auth` names."});
        return false;
    }
    const Result<fhir::SignIn> sign_in =
        ours->begin(some_redirect, institution.auth.scope, call.deadline, call.stop);
    if (!sign_in) {
        findings.push_back({Mark::Bad, "SMART discovery", words_of(sign_in.error()),
                            "Patients sign in by SMART App Launch, standalone, with PKCE S256."});
        return false;
    }
    const fhir::SmartConfiguration& server = sign_in->server;
    findings.push_back({Mark::Good, "SMART discovery",
                        "sign-in at " + server.authorization_endpoint->origin() + ", tokens at " +
                            server.token_endpoint.origin()});
    if (institution.auth.registers) look_at_registration(server, findings);
    look_at_offer(server, institution.auth, findings);
    look_at_sign_in_scopes(*sign_in, findings);
    findings.push_back({Mark::Skip, "token",
                        "a patient's own: what is granted and given shows when one has signed in"});
    return true;
}

}  // namespace consultd::doctor
