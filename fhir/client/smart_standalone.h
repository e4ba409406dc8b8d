// SMART App Launch, standalone, as a patient: the address that a browser is sent to, what it brings
// back, the tokens that this gives, their refresh and their end. Owns no token and no session: what
// belongs to one sign-in is a value that the caller keeps with the browser that began it.
// https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html, PKCE: RFC 7636, the issuer in the
// answer: RFC 9207, revocation: RFC 7009
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/base/crypto.h"
#include "fhir/base/random.h"
#include "fhir/client/smart_discovery.h"
#include "fhir/json.h"

namespace consultd::fhir {

// How we are known there: by a key (private_key_jwt), by a secret (client_secret_basic), or by the
// name alone (public).
struct SmartClient {
    std::string client_id;
    std::optional<Secret> secret;
    std::optional<crypto::Key> key;
};

// One sign-in, from the redirect out to the redirect back. Never leaves the session of its browser.
struct SignIn {
    SmartConfiguration server;
    std::string redirect_uri;
    std::string scope;                   // asked for
    std::string state, nonce, verifier;  // 256 random bits each
    Url address;                         // where the browser goes
};

// What a sign-in gave: for the origin of its FHIR base alone.
struct PatientTokens {
    Secret access, refresh;  // refresh: empty, none was given
    Instant use_until{};     // of the access token
    std::string scope;       // granted
    std::string patient;     // the id at the source, from the token answer and nowhere else
    std::string fhir_user;   // who signed in, of a verified id_token; empty: not said
};
// To be sealed. Corrupt: it is none.
std::string text_of(const PatientTokens& tokens);
Result<PatientTokens> patient_tokens(std::string text);

// The parameters of a redirect back, decoded.
using Answer = std::vector<std::pair<std::string, std::string>>;

class SmartStandalone {
public:
    // The references must outlive this.
    SmartStandalone(Url fhir_base, SmartClient client, HttpTransport& transport, Clock& clock,
                    Random& random)
        : fhir_base_(std::move(fhir_base)),
          client_(std::move(client)),
          transport_(transport),
          clock_(clock),
          random_(random) {}

    // `data`: the scopes to ask for in the place of all of the patient's records; may be empty.
    // Unsupported: the server has no sign-in for patients, or no PKCE with S256.
    Result<SignIn> begin(const std::string& redirect_uri, const std::string& data,
                         Deadline deadline, std::stop_token stop) const;
    // Forbidden: it is not the answer to this sign-in (`state`), or of another server (`iss`).
    // Denied: the person said no. Unavailable: the server says that it cannot now. Unsupported: it
    // does not let us ask.
    static Result<std::string> code_of(const Answer& answer, const SignIn& sign_in);
    // Forbidden: by the server, or the id_token does not verify. Unsupported: it names no patient.
    // A code is good once: where the answer is lost, the person signs in again.
    Result<PatientTokens> exchange(const std::string& code, const SignIn& sign_in,
                                   Deadline deadline, std::stop_token stop) const;
    // What is given may have a new refresh token, and then the old one is worth nothing: it is kept
    // before it is used. Unauthorized: only the person can go on. Uncertain: the answer was lost,
    // and with it perhaps the grant; trying again tells.
    Result<PatientTokens> refresh(const PatientTokens& tokens, Deadline deadline,
                                  std::stop_token stop) const;
    // Ends the grant, where the server has a place for that.
    Status revoke(const PatientTokens& tokens, Deadline deadline, std::stop_token stop) const;

private:
    HttpRequest signed_request(const SmartConfiguration& server, const Url& url, Query form,
                               Deadline deadline) const;
    Result<std::string> identity_of(JsonView answer, const SignIn& sign_in, Deadline deadline,
                                    std::stop_token stop) const;

    Url fhir_base_;
    SmartClient client_;
    HttpTransport& transport_;
    Clock& clock_;
    Random& random_;
};

}  // namespace consultd::fhir
