#include "fhir/client/smart_standalone.h"

#include <algorithm>

#include "fhir/client/granted_scope.h"
#include "tests/fhir/client/fhir_conversation.h"
#include "tests/fhir/client/patient_server.h"

namespace consultd::fhir {
namespace {

using testing::answer;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string full_scope = "launch/patient patient/*.rs openid fhirUser offline_access";

class SmartStandaloneTest : public ::testing::Test {
protected:
    SmartStandalone client(SmartClient how = {.client_id = "consultd"}) {
        return {server_.base, std::move(how), server_.transport, server_.clock, server_.random};
    }
    Deadline soon() { return Deadline::after(server_.clock, std::chrono::seconds(20)); }
    Result<SignIn> try_begin(const std::string& data = "") {
        return client().begin(testing::PatientServer::redirect_uri, data, soon(), {});
    }
    SignIn begun() {
        const Result<SignIn> sign_in = try_begin();
        EXPECT_TRUE(sign_in.ok()) << sign_in.error().message();
        return *sign_in;
    }
    // What the token endpoint answers to an honest sign-in, with an id_token as it is changed here.
    Result<PatientTokens> exchanged(const SignIn& sign_in, const std::string& claim = "",
                                    const Json& value = {}) {
        server_.grant(Json::object({{"patient", "mel-1"},
                                    {"scope", full_scope},
                                    {"refresh_token", "refresh-1"},
                                    {"id_token", server_.id_token(sign_in, claim, value)}}));
        return client().exchange("code-1", sign_in, soon(), {});
    }
    HttpRequest last_request() { return server_.transport.requests().back(); }
    HttpRequest token_request() {
        const auto all = server_.transport.requests();
        const auto found = std::find_if(all.rbegin(), all.rend(), [](const HttpRequest& request) {
            return request.url.path() == "/token";
        });
        EXPECT_NE(found, all.rend());
        return *found;
    }
    static ErrorKind kind_of_answer(const Answer& answer, const SignIn& sign_in) {
        const auto code = SmartStandalone::code_of(answer, sign_in);
        EXPECT_FALSE(code.ok());
        return code.ok() ? ErrorKind::Busy : code.error().kind();
    }

    testing::PatientServer server_;
};

TEST_F(SmartStandaloneTest, TheBrowserIsSentWithEverythingThatTheAnswerIsBoundTo) {
    const SignIn sign_in = begun();
    const std::string query = sign_in.address.query();
    EXPECT_EQ(sign_in.address.host(), "login.example");
    for (const char* part : {"response_type=code", "client_id=consultd",
                             "code_challenge_method=S256", "aud=https%3A%2F%2Fehr.example%2Ffhir",
                             "redirect_uri=https%3A%2F%2Fconsult.example%2Fportal%2Fcallback",
                             "offline_access", "launch%2Fpatient"})
        EXPECT_THAT(query, HasSubstr(part));
    EXPECT_THAT(query, HasSubstr("state=" + sign_in.state));
    EXPECT_THAT(query, HasSubstr("nonce=" + sign_in.nonce));
    EXPECT_THAT(query,
                HasSubstr("code_challenge=" + crypto::base64url(crypto::sha256(sign_in.verifier))));
    EXPECT_THAT(query, Not(HasSubstr(sign_in.verifier)));
    const SignIn other = begun();
    EXPECT_NE(other.state, sign_in.state);
    EXPECT_NE(other.nonce, sign_in.nonce);
    EXPECT_NE(other.verifier, sign_in.verifier);
}

// OpenID Connect Core 1.0 §11: a strict server leaves offline_access out where consent is not asked
// for anew, and the sign-in is over with its first token.
TEST_F(SmartStandaloneTest, WhoAsksForAccessThatLastsAsksForConsent) {
    EXPECT_THAT(begun().address.query(), HasSubstr("prompt=consent"));
}

TEST_F(SmartStandaloneTest, ScopesAreInTheSyntaxThatTheServerDeclares) {
    SmartConfiguration old;
    old.capabilities = {"permission-v1"};
    EXPECT_EQ(sign_in_scope(old, ""), "launch/patient patient/*.read");
    SmartConfiguration both;
    both.capabilities = {"permission-v1", "permission-v2", "permission-offline"};
    EXPECT_EQ(sign_in_scope(both, ""), "launch/patient patient/*.rs offline_access");
    EXPECT_EQ(sign_in_scope(both, "patient/Observation.rs"),
              "launch/patient patient/Observation.rs offline_access");
}

TEST_F(SmartStandaloneTest, WhatWasGrantedIsReadInBothSyntaxes) {
    EXPECT_TRUE(may_search("launch/patient patient/*.rs", "Observation"));
    EXPECT_TRUE(may_search("patient/Observation.read", "Observation"));
    EXPECT_TRUE(may_search("patient/Observation.cruds", "Observation"));
    EXPECT_FALSE(may_search("patient/Observation.rs", "Condition"));
    EXPECT_FALSE(may_search("patient/Observation.r", "Observation"));
    EXPECT_FALSE(may_search("patient/Observation.write system/*.rs", "Observation"));
    EXPECT_FALSE(may_search("patient/Observation.rs?category=laboratory", "Observation"))
        << "a part of a type is not the type";
    EXPECT_FALSE(may_search("", "Observation"));
    EXPECT_TRUE(may_search("system/*.rs", "Observation", Level::Any));
    EXPECT_FALSE(may_search("system/Observation.r", "Observation", Level::Any));
    EXPECT_TRUE(names_resources("openid system/Patient.rs"));
    EXPECT_FALSE(names_resources("https://fhir.example/.default"));
}

TEST_F(SmartStandaloneTest, AServerWithoutASignInForPatientsSaysSo) {
    server_.transport.on("GET", "https://old.example/fhir/.well-known/smart-configuration",
                         answer(404, "", ""));
    server_.transport.on(
        "GET", "https://old.example/fhir/metadata",
        testing::json_answer(200, R"({"resourceType":"CapabilityStatement","rest":[{}]})"));
    server_.base = url("https://old.example/fhir");
    EXPECT_EQ(try_begin().error().kind(), ErrorKind::Unsupported);
}

TEST_F(SmartStandaloneTest, AnOlderServerIsFoundByItsCapabilityStatement) {
    server_.transport.on("GET", "https://old.example/fhir/.well-known/smart-configuration",
                         answer(404, "", ""));
    server_.transport.on("GET", "https://old.example/fhir/metadata",
                         testing::json_answer(200, R"({"rest":[{"security":{"extension":[{"url":
"http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris","extension":[
{"url":"authorize","valueUri":"https://old.example/auth"},
{"url":"token","valueUri":"https://old.example/token"}]}]}}]})"));
    server_.base = url("https://old.example/fhir");
    const SignIn sign_in = begun();
    EXPECT_EQ(sign_in.address.path(), "/auth");
    EXPECT_EQ(sign_in.scope, "launch/patient patient/*.read offline_access");
    EXPECT_THAT(sign_in.address.query(), Not(HasSubstr("prompt")));  // it knows no OpenID Connect
}

TEST_F(SmartStandaloneTest, AServerThatHasOnlyPlainPkceIsNotUsed) {
    testing::PatientServer plain;
    testing::FakeTransport transport;
    transport.on("GET", "https://ehr.example/fhir/.well-known/smart-configuration",
                 answer(200, "application/json",
                        plain.description()
                            .with("code_challenge_methods_supported", Json::array({Json("plain")}))
                            .print()));
    const SmartStandalone client(plain.base, {.client_id = "consultd"}, transport, plain.clock,
                                 plain.random);
    EXPECT_EQ(client.begin("https://consult.example/cb", "", soon(), {}).error().kind(),
              ErrorKind::Unsupported);
}

// Login CSRF and code injection: somebody's answer to somebody's sign-in, put into this browser.
TEST_F(SmartStandaloneTest, TheAnswerToAnotherSignInIsRefused) {
    const SignIn mine = begun(), other = begun();
    const std::string iss = testing::PatientServer::issuer;
    EXPECT_EQ(*SmartStandalone::code_of({{"code", "c"}, {"state", mine.state}, {"iss", iss}}, mine),
              "c");
    EXPECT_EQ(kind_of_answer({{"code", "c"}, {"state", other.state}}, mine), ErrorKind::Forbidden);
    EXPECT_EQ(kind_of_answer({{"code", "c"}}, mine), ErrorKind::Forbidden);
    EXPECT_EQ(kind_of_answer({{"code", "c"}, {"state", mine.state}, {"state", "x"}}, mine),
              ErrorKind::Forbidden);
    EXPECT_EQ(kind_of_answer({{"code", "c"}, {"code", "d"}, {"state", mine.state}}, mine),
              ErrorKind::Malformed);
    EXPECT_EQ(kind_of_answer({{"code", "c"}, {"state", ""}}, SignIn{}), ErrorKind::Forbidden)
        << "where no sign-in was begun, nothing answers it";
}

// Mix-up: a server that we trust less hands us the answer of another one.
TEST_F(SmartStandaloneTest, TheAnswerOfAnotherServerIsRefused) {
    SignIn mine = begun();
    const Answer good{{"code", "c"}, {"state", mine.state}};
    Answer evil = good;
    evil.emplace_back("iss", "https://evil.example");
    EXPECT_EQ(kind_of_answer(evil, mine), ErrorKind::Forbidden);
    EXPECT_TRUE(SmartStandalone::code_of(good, mine).ok());
    mine.server.answers_name_issuer = true;
    EXPECT_EQ(kind_of_answer(good, mine), ErrorKind::Forbidden);
    mine.server.issuer.clear();
    EXPECT_EQ(kind_of_answer(evil, mine), ErrorKind::Forbidden);
}

TEST_F(SmartStandaloneTest, ARefusalByThePersonIsNotAFailureOfTheServer) {
    const SignIn mine = begun();
    const auto refused = [&](const char* word) {
        return kind_of_answer({{"error", word}, {"state", mine.state}}, mine);
    };
    EXPECT_EQ(refused("access_denied"), ErrorKind::Denied);
    EXPECT_EQ(refused("temporarily_unavailable"), ErrorKind::Unavailable);
    EXPECT_EQ(refused("server_error"), ErrorKind::Unavailable);
    EXPECT_EQ(refused("invalid_scope"), ErrorKind::Unsupported);
    EXPECT_EQ(kind_of_answer({{"error", "access_denied"}, {"state", "x"}}, mine),
              ErrorKind::Forbidden)
        << "not even a refusal is believed from elsewhere";
}

TEST_F(SmartStandaloneTest, ACodeBecomesTokensForThePatientWhomTheTokenAnswerNames) {
    const SignIn sign_in = begun();
    const auto tokens = exchanged(sign_in);
    ASSERT_TRUE(tokens.ok()) << tokens.error().message();
    EXPECT_EQ(tokens->access.reveal(), "access-1");
    EXPECT_EQ(tokens->refresh.reveal(), "refresh-1");
    EXPECT_EQ(tokens->patient, "mel-1");
    EXPECT_EQ(tokens->fhir_user, "Patient/mel-1");
    EXPECT_EQ(tokens->scope, full_scope);
    const std::string body = token_request().body;
    EXPECT_THAT(body, HasSubstr("code=code-1"));
    EXPECT_THAT(body, HasSubstr("code_verifier=" + sign_in.verifier));
    EXPECT_THAT(body, HasSubstr("client_id=consultd"));
    EXPECT_EQ(token_request().effect, HttpRequest::Effect::Write) << "a code is never sent twice";
    const auto kept = patient_tokens(text_of(*tokens));
    ASSERT_TRUE(kept.ok());
    EXPECT_EQ(kept->refresh.reveal(), "refresh-1");
    EXPECT_EQ(kept->use_until, tokens->use_until);
}

TEST_F(SmartStandaloneTest, ASignInWithoutAPatientIsNone) {
    const SignIn sign_in = begun();
    server_.grant(Json::object({{"id_token", server_.id_token(sign_in)}}));
    EXPECT_EQ(client().exchange("code-1", sign_in, soon(), {}).error().kind(),
              ErrorKind::Unsupported)
        << "fhirUser says who signed in, not whose records were chosen";
}

TEST_F(SmartStandaloneTest, AnIdTokenOfElsewhereOfAnotherSignInOrTimeIsRefused) {
    const std::pair<const char*, Json> changes[] = {
        {"nonce", Json("replayed")},
        {"aud", Json("another-app")},
        {"iss", Json("https://evil.example")},
        {"exp", Json(std::int64_t{1'000'000})},
        {"iat", Json()},
        {"sub", Json("")},
        {"aud", Json::array({Json("consultd"), Json("another-app")})}};
    for (const auto& [claim, value] : changes) {
        testing::PatientServer fresh;
        const SmartStandalone mine(fresh.base, {.client_id = "consultd"}, fresh.transport,
                                   fresh.clock, fresh.random);
        const SignIn sign_in = *mine.begin("https://consult.example/cb", "", soon(), {});
        fresh.grant(Json::object({{"patient", "mel-1"},
                                  {"scope", full_scope},
                                  {"id_token", fresh.id_token(sign_in, claim, value)}}));
        const auto tokens = mine.exchange("code-1", sign_in, soon(), {});
        ASSERT_FALSE(tokens.ok()) << claim;
        EXPECT_EQ(tokens.error().kind(), ErrorKind::Forbidden) << claim;
    }
}

TEST_F(SmartStandaloneTest, AnIdTokenThatNobodyOrSomebodyElseSignedIsRefused) {
    const SignIn sign_in = begun();
    const std::string honest = server_.id_token(sign_in);
    const std::string payload = honest.substr(honest.find('.') + 1);
    const auto other = crypto::Key::generate(crypto::Key::Type::Rsa).value();
    const std::string claims = *crypto::from_base64url(payload.substr(0, payload.find('.')));
    for (const std::string& forged :
         {jws::sign_rs256(other, claims),
          crypto::base64url(R"({"alg":"none"})") + "." + crypto::base64url(claims) + ".AA",
          crypto::base64url(R"({"alg":"HS256"})") + "." + crypto::base64url(claims) + "." +
              crypto::base64url(crypto::hmac_sha256(jws::public_jwk(server_.key), claims)),
          std::string()}) {
        testing::FakeTransport transport;
        transport.on("GET", "https://login.example/jwks",
                     answer(200, "application/json", jws::public_jwks({server_.key})));
        transport.on("POST", "https://login.example/token",
                     answer(200, "application/json",
                            Json::object({{"access_token", "a"},
                                          {"token_type", "bearer"},
                                          {"patient", "mel-1"},
                                          {"scope", full_scope},
                                          {"id_token", forged}})
                                .print()));
        const SmartStandalone mine(server_.base, {.client_id = "consultd"}, transport,
                                   server_.clock, server_.random);
        EXPECT_FALSE(mine.exchange("code-1", sign_in, soon(), {}).ok()) << forged;
    }
}

TEST_F(SmartStandaloneTest, EachKindOfClientIsKnownInItsOwnWay) {
    const SignIn sign_in = begun();
    exchanged(sign_in).ok();
    EXPECT_FALSE(token_request().headers.find("Authorization").has_value());
    client({.client_id = "a:b", .secret = Secret("p w")}).exchange("c", sign_in, soon(), {}).ok();
    EXPECT_EQ(token_request().headers.find("Authorization"),
              "Basic " + crypto::base64("a%3Ab:p%20w"));
    EXPECT_THAT(token_request().body, Not(HasSubstr("client_id=")));
    const auto key = crypto::Key::generate(crypto::Key::Type::EcP384).value();
    client({.client_id = "consultd", .key = key}).exchange("c", sign_in, soon(), {}).ok();
    EXPECT_THAT(token_request().body, HasSubstr("client_assertion="));
    EXPECT_FALSE(token_request().headers.find("Authorization").has_value());
}

TEST_F(SmartStandaloneTest, ARotatedRefreshTokenTakesThePlaceOfTheOldOne) {
    const PatientTokens first = *exchanged(begun());
    testing::PatientServer later;
    later.grant(Json::object({{"refresh_token", "refresh-2"}}), "access-2");
    later.grant(Json::object({{"patient", "mel-1"}}), "access-3");
    later.grant(Json::object({{"patient", "somebody-else"}}), "access-4");
    const SmartStandalone mine(later.base, {.client_id = "consultd"}, later.transport, later.clock,
                               later.random);
    const auto second = mine.refresh(first, soon(), {});
    ASSERT_TRUE(second.ok()) << second.error().message();
    EXPECT_EQ(second->access.reveal(), "access-2");
    EXPECT_EQ(second->refresh.reveal(), "refresh-2");
    EXPECT_EQ(second->patient, "mel-1");
    EXPECT_EQ(second->scope, full_scope);
    const auto third = mine.refresh(*second, soon(), {});
    EXPECT_EQ(third->refresh.reveal(), "refresh-2") << "none in the answer: the old one stays";
    EXPECT_EQ(mine.refresh(*third, soon(), {}).error().kind(), ErrorKind::Forbidden);
}

TEST_F(SmartStandaloneTest, WhatOnlyThePersonCanRenewIsToldFromWhatCanBeTriedAgain) {
    const PatientTokens first = *exchanged(begun());
    testing::PatientServer later;
    later.tokens_answer(Error(ErrorKind::Uncertain, "the answer was lost"));
    later.tokens_answer(answer(400, "application/json", R"({"error":"invalid_grant"})"));
    const SmartStandalone mine(later.base, {.client_id = "consultd"}, later.transport, later.clock,
                               later.random);
    EXPECT_EQ(mine.refresh(first, soon(), {}).error().kind(), ErrorKind::Uncertain);
    EXPECT_EQ(mine.refresh(first, soon(), {}).error().kind(), ErrorKind::Unauthorized);
    EXPECT_EQ(mine.refresh({.access = Secret("a")}, soon(), {}).error().kind(),
              ErrorKind::Unauthorized);
}

TEST_F(SmartStandaloneTest, AnEndedTransferEndsTheGrant) {
    const PatientTokens tokens = *exchanged(begun());
    server_.transport.on("POST", "https://login.example/revoke", answer(200, "", ""));
    EXPECT_TRUE(client().revoke(tokens, soon(), {}).ok());
    EXPECT_EQ(last_request().url.path(), "/revoke");
    EXPECT_THAT(last_request().body, HasSubstr("token=refresh-1"));
    EXPECT_THAT(last_request().body, HasSubstr("token_type_hint=refresh_token"));
}

TEST_F(SmartStandaloneTest, AnEndpointThatIsNotHttpsIsNotUsed) {
    testing::PatientServer plain;
    testing::FakeTransport transport;
    transport.on("GET", "https://ehr.example/fhir/.well-known/smart-configuration",
                 answer(200, "application/json",
                        plain.description()
                            .with("authorization_endpoint", Json("http://login.example/auth"))
                            .print()));
    const SmartStandalone client(plain.base, {.client_id = "consultd"}, transport, plain.clock,
                                 plain.random);
    EXPECT_EQ(client.begin("https://consult.example/cb", "", soon(), {}).error().kind(),
              ErrorKind::Malformed);
}

}  // namespace
}  // namespace consultd::fhir
