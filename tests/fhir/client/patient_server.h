// A server where patients sign in, scripted: discovery, keys, what its token endpoint answers; for
// the tests of the client and of what is built on it.
#pragma once

#include <string>

#include "fhir/base/jws.h"
#include "fhir/client/smart_standalone.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"
#include "tests/support/seeded_random.h"

namespace consultd::testing {

struct PatientServer {
    static constexpr const char* issuer = "https://login.example";
    static constexpr const char* redirect_uri = "https://consult.example/portal/callback";

    PatientServer() { describe(); }

    // An RSA key takes its time to be made.
    static const crypto::Key& key_of_all() {
        static const crypto::Key key = crypto::Key::generate(crypto::Key::Type::Rsa).value();
        return key;
    }

    fhir::Json description() const {
        const auto strings = [](std::initializer_list<const char*> words) {
            std::vector<fhir::Json> items;
            for (const char* word : words) items.emplace_back(word);
            return fhir::Json::array(std::move(items));
        };
        return fhir::Json::object(
            {{"issuer", issuer},
             {"authorization_endpoint", "https://login.example/authorize"},
             {"token_endpoint", "https://login.example/token"},
             {"revocation_endpoint", "https://login.example/revoke"},
             {"jwks_uri", "https://login.example/jwks"},
             {"code_challenge_methods_supported", strings({"S256"})},
             {"capabilities",
              strings({"launch-standalone", "client-public", "permission-v2", "permission-offline",
                       "sso-openid-connect", "context-standalone-patient"})}});
    }
    void describe() { describe(description()); }
    void describe(const fhir::Json& smart) {
        transport.on("GET", "https://ehr.example/fhir/.well-known/smart-configuration",
                     answer(200, "application/json", smart.print()));
        transport.on("GET", "https://login.example/jwks",
                     answer(200, "application/json", jws::public_jwks({key})));
    }
    // What may be changed in an id_token, by name.
    std::string id_token(const fhir::SignIn& sign_in, const std::string& name = "",
                         const fhir::Json& value = {}) const {
        const auto now = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch();
        fhir::Json claims =
            fhir::Json::object({{"iss", issuer},
                                {"sub", "person-1"},
                                {"aud", "consultd"},
                                {"nonce", sign_in.nonce},
                                {"iat", fhir::Json(std::int64_t{now.count()})},
                                {"exp", fhir::Json(std::int64_t{now.count() + 300})},
                                {"fhirUser", "Patient/mel-1"}});
        if (!name.empty()) claims = claims.with(name, value);
        return jws::sign_rs256(key, claims.print());
    }
    void grant(const fhir::Json& more, const std::string& token = "access-1") {
        fhir::Json body = fhir::Json::object({{"access_token", token},
                                              {"token_type", "Bearer"},
                                              {"expires_in", fhir::Json(std::int64_t{3600})}});
        for (const fhir::JsonMember& member : more.members())
            body = body.with(member.name(), more.get(member.name()));
        tokens_answer(answer(200, "application/json", body.print()));
    }
    void tokens_answer(FakeTransport::Answer given) {
        transport.on("POST", "https://login.example/token", std::move(given));
    }

    FakeClock clock;
    SeededRandom random;
    FakeTransport transport;
    const crypto::Key key = key_of_all();
    fhir::Url base = fhir::Url::parse("https://ehr.example/fhir").value();
};

}  // namespace consultd::testing
