#include "fhir/client/registration.h"

#include "tests/fhir/client/patient_server.h"

namespace consultd::fhir {
namespace {

using testing::answer;
using testing::PatientServer;

class RegistrationTest : public ::testing::Test {
protected:
    RegistrationTest() {
        offered_.registration_endpoint = Url::parse("https://login.example/register").value();
        offered_.client_methods = {"client_secret_basic", "none"};
    }
    void answers(int status, const std::string& body) {
        transport_.emplace().on("POST", "https://login.example/register",
                                answer(status, "application/json", body));
    }
    Result<RegisteredClient> registered(std::optional<std::string> jwks = {}) {
        return register_client(offered_,
                               {.name = "Patient office",
                                .redirect_uri = PatientServer::redirect_uri,
                                .scope = "launch/patient patient/*.rs",
                                .jwks = std::move(jwks)},
                               *transport_, server_.clock,
                               Deadline::after(server_.clock, std::chrono::seconds(20)), {});
    }
    Json asked() { return Json::parse(transport_->requests().back().body).value(); }

    SmartConfiguration offered_;
    PatientServer server_;
    std::optional<testing::FakeTransport> transport_;  // of the next answer
};

TEST_F(RegistrationTest, WeSayWhoWeAreWhereWeComeBackToAndHowWeAreKnown) {
    answers(201, R"({"client_id":"c-1","client_secret":"s-1","client_secret_expires_at":0})");
    const auto client = registered();
    ASSERT_TRUE(client.ok());
    EXPECT_EQ(client->client_id, "c-1");
    EXPECT_EQ(client->secret.reveal(), "s-1");
    EXPECT_FALSE(client->secret_until);
    const Json body = asked();
    EXPECT_EQ(body["client_name"].string(), "Patient office");
    EXPECT_EQ(body["redirect_uris"].items()[0].string(), PatientServer::redirect_uri);
    EXPECT_EQ(body["token_endpoint_auth_method"].string(), "client_secret_basic");
    EXPECT_EQ(body["grant_types"].items()[1].string(), "refresh_token");
    EXPECT_EQ(transport_->requests().back().effect, HttpRequest::Effect::Write);
}

TEST_F(RegistrationTest, AKeyOfOursIsToldAndNoSecretIsKeptBesideIt) {
    answers(201, R"({"client_id":"c-1","client_secret":"unused",
                     "token_endpoint_auth_method":"private_key_jwt"})");
    const auto client = registered(jws::public_jwks({server_.key}));
    ASSERT_TRUE(client.ok());
    EXPECT_TRUE(client->secret.reveal().empty());
    EXPECT_EQ(asked()["token_endpoint_auth_method"].string(), "private_key_jwt");
    EXPECT_EQ(asked().at("jwks", "keys").size(), 1u);
    EXPECT_FALSE(asked()["jwks"].at("keys").items()[0].has("d")) << "the private part stays";
}

TEST_F(RegistrationTest, WhereNoSecretIsTakenTheNameAloneIsAskedFor) {
    offered_.client_methods = {"none"};
    answers(201, R"({"client_id":"c-1","token_endpoint_auth_method":"none"})");
    const auto client = registered();
    ASSERT_TRUE(client.ok());
    EXPECT_EQ(asked()["token_endpoint_auth_method"].string(), "none");
    EXPECT_TRUE(client->secret.reveal().empty());
}

TEST_F(RegistrationTest, ASecretThatEndsIsKnownToEnd) {
    answers(201, R"({"client_id":"c","client_secret":"s","client_secret_expires_at":1893456000})");
    const auto client = registered();
    ASSERT_TRUE(client.ok());
    EXPECT_EQ(format_instant(client->secret_until.value()), "2030-01-01T00:00:00.000Z");
}

TEST_F(RegistrationTest, WhatWeAreNotIsNotTaken) {
    for (const char* body :
         {R"({"client_secret":"s"})", R"({"client_id":""})", R"({"client_id":"a\nb"})", "[]",
          R"({"client_id":"c","token_endpoint_auth_method":"client_secret_post"})",
          R"({"client_id":"c","token_endpoint_auth_method":"private_key_jwt"})",
          R"({"client_id":"c","redirect_uris":["https://elsewhere.example/callback"]})"}) {
        answers(201, body);
        EXPECT_FALSE(registered().ok()) << body;
    }
}

TEST_F(RegistrationTest, ARefusalIsForAPersonAndADownServerForLater) {
    answers(403, R"({"error":"access_denied"})");
    EXPECT_EQ(registered().error().kind(), ErrorKind::Forbidden);
    answers(400, R"({"error":"invalid_redirect_uri"})");
    EXPECT_EQ(registered().error().kind(), ErrorKind::Forbidden);
    answers(503, "");
    EXPECT_NE(registered().error().kind(), ErrorKind::Forbidden);
    offered_.registration_endpoint.reset();
    EXPECT_EQ(registered().error().kind(), ErrorKind::Unsupported);
}

TEST_F(RegistrationTest, WhatIsKeptIsGoodForThatHospitalAndThatAddressAlone) {
    const RegisteredClient client{"c-1", Secret("s-1"), parse_instant("2030-01-01T00:00:00.000Z")};
    const std::string text = text_of(client, server_.base, PatientServer::redirect_uri);
    const auto again = registered_client(text, server_.base, PatientServer::redirect_uri);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->client_id, "c-1");
    EXPECT_EQ(again->secret.reveal(), "s-1");
    EXPECT_EQ(again->secret_until, client.secret_until);
    const Url other = Url::parse("https://other.example/fhir").value();
    EXPECT_FALSE(registered_client(text, other, PatientServer::redirect_uri));
    EXPECT_FALSE(registered_client(text, server_.base, "https://moved.example/portal/callback"));
    EXPECT_FALSE(registered_client("", server_.base, PatientServer::redirect_uri));
}

}  // namespace
}  // namespace consultd::fhir
