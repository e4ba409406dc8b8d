// SignIn: an authorization server where patients sign in, of the sandbox's own: SMART App Launch as
// servers of hospitals do it, strictly: exact redirect addresses, PKCE, codes good once for a
// minute, refresh tokens that are replaced at each use and, used twice, end the grant. It knows no
// HTTP; its two pages are sign_in_pages.cpp. https://hl7.org/fhir/smart-app-launch/app-launch.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/base/crypto.h"
#include "samples/sandbox/faults.h"
#include "samples/sandbox/tokens.h"

namespace consultd::sandbox {

// What an app asks for, once it was found to be in order.
struct Asked {
    std::string client_id, redirect_uri, state, nonce, challenge;
    std::vector<std::string> scopes;
    std::string patient;  // whose records; empty: nobody has signed in yet
    std::string user;     // who signed in: "Patient/p1", "RelatedPerson/r1"
    Instant until{};
};

class SignIn {
public:
    SignIn(const Clock& clock, Random& random, Faults& faults)
        : clock_(clock), random_(random), faults_(faults) {}

    // `secret`: empty for a public client.
    void add_client(const std::string& client_id, const std::string& redirect_uri,
                    const std::string& secret);
    bool has_clients() const { return !clients_.empty() || lets_register_; }
    // Apps may register themselves, by RFC 7591.
    void let_register() {
        lets_register_ = true;
        (void)key();
    }
    bool lets_register() const { return lets_register_; }
    // The answer to what an app says of itself. Malformed: with what is wrong.
    Result<fhir::Json> register_client(fhir::JsonView about);
    void set_origin(const std::string& origin) { origin_ = origin; }

    // Checks a request of /authorize; its name from then on, for the forms of the pages. Malformed:
    // it may not be answered by a redirect, because nobody knows to whom.
    Result<std::string> begin(const Parameters& query);
    const Asked* find(std::string_view request) const;
    Status sign_in(std::string_view request, const std::string& patient, const std::string& user);
    // Whatever they were let open is shut.
    void end_grants_of(const std::string& user, Tokens& tokens);
    // Where the browser goes: with a code for these scopes, or, where there are none, with the
    // person's refusal.
    Result<std::string> decide(std::string_view request, const std::vector<std::string>& allowed);
    // Where it goes at once, when an error is due.
    std::optional<std::string> error_due(std::string_view request);

    // A token answer for a code or a refresh token. Errors as Tokens::grant has them. `basic`: what
    // stands after "Basic " in the request.
    Result<fhir::Json> grant(const Parameters& form, std::string_view basic, Tokens& tokens);
    void revoke(const Parameters& form, Tokens& tokens);
    // It has counted, and nobody learns of it.
    bool answer_is_lost(const Parameters& form);
    std::string jwks() const;
    std::uint64_t grants() const { return granted_.size(); }

private:
    struct Client {
        std::string redirect_uri, secret;
    };
    struct Granted {  // by one person to one app
        Asked asked;
        std::string refresh, access;
    };
    Status check_client(const Parameters& form, std::string_view basic, std::string& client_id);
    Result<fhir::Json> redeem_code(const Parameters& form, const std::string& client_id,
                                   Tokens& tokens);
    Result<fhir::Json> refresh(const Parameters& form, const std::string& client_id,
                               Tokens& tokens);
    fhir::Json answer(Granted& granted, Tokens& tokens);
    std::string id_token(const Asked& asked);
    const crypto::Key& key();

    const Clock& clock_;
    Random& random_;
    Faults& faults_;
    std::string origin_;
    bool lets_register_ = false;
    mutable std::optional<crypto::Key> key_;
    std::map<std::string, Client, std::less<>> clients_;
    std::map<std::string, Asked, std::less<>> asked_;  // by the name of the request
    std::map<std::string, Asked, std::less<>> codes_;
    std::map<std::string, Granted, std::less<>> granted_;        // by a name of its own
    std::map<std::string, std::string, std::less<>> refreshes_;  // used ones too → granted
};

}  // namespace consultd::sandbox
