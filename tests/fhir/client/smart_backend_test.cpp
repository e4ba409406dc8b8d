#include "fhir/client/smart_backend.h"

#include "fhir/base/jws.h"
#include "tests/fhir/client/fhir_conversation.h"
#include "tests/support/seeded_random.h"

namespace consultd::fhir {
namespace {

using testing::answer;

const std::string configuration_url = "https://ehr.example/fhir/.well-known/smart-configuration";
const std::string token_url = "https://login.example/token";

std::string configuration(const std::string& token_endpoint) {
    return R"({"token_endpoint":")" + token_endpoint +
           R"(","grant_types_supported":["client_credentials"],"capabilities":["permission-v2"]})";
}

std::string form_field(const std::string& body, const std::string& name) {
    const auto at = ("&" + body).find("&" + name + "=");
    if (at == std::string::npos) return "";
    const auto from = at + name.size() + 1;
    return body.substr(from, body.find('&', from) - from);
}

class SmartBackendTest : public ConversationTest {
protected:
    SmartBackendTest() {
        transport_.on("GET", configuration_url,
                      answer(200, "application/json", configuration(token_url)));
    }
    void grant(const std::string& token, const std::string& more = R"(,"expires_in":300)") {
        transport_.on(
            "POST", token_url,
            answer(200, "application/json",
                   R"({"token_type":"bearer","scope":"system/Patient.rs","access_token":")" +
                       token + "\"" + more + "}"));
    }
    Result<std::optional<std::string>> ask(
        const std::string& at = "https://ehr.example/fhir/Patient/1") {
        return backend_.authorization(url(at), call().deadline, {});
    }
    std::size_t token_requests() const {
        std::size_t count = 0;
        for (const std::string& line : transport_.log()) count += line == "POST " + token_url;
        return count;
    }
    Json claims_of(const HttpRequest& request) {
        const auto parts = jws::split(form_field(request.body, "client_assertion"));
        EXPECT_TRUE(parts.ok());
        EXPECT_TRUE(key_.verify(parts->signing_input, parts->signature));
        EXPECT_EQ(Json::parse(parts->header).value()["alg"].string(), "ES384");
        EXPECT_EQ(Json::parse(parts->header).value()["kid"].string(), jws::thumbprint(key_));
        return Json::parse(parts->payload).value();
    }

    testing::SeededRandom random_;
    crypto::Key key_ = crypto::Key::generate(crypto::Key::Type::EcP384).value();
    SmartBackend backend_{base_, {"consultd", "system/*.rs"}, key_, transport_, clock_, random_};
};

TEST_F(SmartBackendTest, AsksWithASignedAssertion) {
    grant("abc");
    const auto credential = ask();
    ASSERT_TRUE(credential.ok()) << credential.error().message();
    EXPECT_EQ(*credential, "Bearer abc");
    EXPECT_EQ(backend_.granted_scope(call().deadline, {}).value(), "system/Patient.rs");
    const HttpRequest request = transport_.requests().at(1);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(form_field(request.body, "grant_type"), "client_credentials");
    EXPECT_EQ(form_field(request.body, "scope"), "system%2F%2A.rs");
    EXPECT_EQ(form_field(request.body, "client_assertion_type"),
              "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer");
    const Json claims = claims_of(request);
    EXPECT_EQ(claims["iss"].string(), "consultd");
    EXPECT_EQ(claims["sub"].string(), "consultd");
    EXPECT_EQ(claims["aud"].string(), token_url);
    const auto now =
        std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    EXPECT_GT(claims["exp"].integer(), now + 60);
    EXPECT_LE(claims["exp"].integer(), now + 300);
}

TEST_F(SmartBackendTest, WhatIsGrantedIsAskedForWithTheToken) {
    grant("abc");
    EXPECT_EQ(backend_.granted_scope(call().deadline, {}).value(), "system/Patient.rs");
    EXPECT_EQ(token_requests(), 1U);
}

// RFC 6749 §5.1: a scope that is left out is the one that was asked for, an empty one is none.
TEST_F(SmartBackendTest, AScopeThatIsLeftOutIsTheOneAskedForAndAnEmptyOneIsNone) {
    for (const std::string said : {R"("x":1)", R"("scope":null)", R"("scope":"")"})
        transport_.on("POST", token_url,
                      answer(200, "application/json",
                             R"({"token_type":"bearer","access_token":"abc",)" + said + "}"));
    for (const char* granted : {"system/*.rs", "system/*.rs", ""}) {
        EXPECT_EQ(backend_.granted_scope(call().deadline, {}).value(), granted);
        backend_.refused("Bearer abc");
    }
}

TEST_F(SmartBackendTest, ScopesThatAreNotSmartsSayNothingOfResources) {
    SmartBackend other(base_, {"consultd", "https://ehr.example/.default"}, key_, transport_,
                       clock_, random_);
    EXPECT_EQ(other.granted_scope(call().deadline, {}).value(), std::nullopt);
}

TEST_F(SmartBackendTest, TokenGoesToTheServerItIsForAndNowhereElse) {
    grant("abc");
    for (const char* other : {"https://login.example/x", "https://ehr.example:8443/fhir/Patient/1",
                              "http://ehr.example/fhir/Patient/1"})
        EXPECT_EQ(ask(other).value(), std::nullopt) << other;
    EXPECT_TRUE(transport_.requests().empty());
}

TEST_F(SmartBackendTest, TokenIsUsedUntilAWhileBeforeItsEnd) {
    grant("one");
    grant("two");
    EXPECT_EQ(ask().value(), "Bearer one");
    clock_.advance(std::chrono::seconds(239));
    EXPECT_EQ(ask().value(), "Bearer one");
    clock_.advance(std::chrono::seconds(2));
    EXPECT_EQ(ask().value(), "Bearer two");
    EXPECT_EQ(token_requests(), 2U);
}

TEST_F(SmartBackendTest, EachAssertionIsUsedOnce) {
    grant("one");
    ASSERT_TRUE(ask().ok());
    backend_.refused("Bearer one");
    ASSERT_TRUE(ask().ok());
    const auto requests = transport_.requests();
    const Json first = claims_of(requests.at(1)), second = claims_of(requests.at(2));
    EXPECT_FALSE(first["jti"].string().empty());
    EXPECT_NE(first["jti"].string(), second["jti"].string());
}

// Two requests were refused with the same token; when the second says so, there is a new one.
TEST_F(SmartBackendTest, TokenThatWasRenewedMeanwhileIsKept) {
    grant("one");
    grant("two");
    ASSERT_EQ(ask().value(), "Bearer one");
    backend_.refused("Bearer one");
    ASSERT_EQ(ask().value(), "Bearer two");
    backend_.refused("Bearer one");
    EXPECT_EQ(ask().value(), "Bearer two");
    EXPECT_EQ(token_requests(), 2U);
}

TEST_F(SmartBackendTest, TokenWithoutALifetimeIsTakenForAShortOne) {
    grant("one", "");
    grant("two", "");
    EXPECT_EQ(ask().value(), "Bearer one");
    clock_.advance(std::chrono::seconds(61));
    EXPECT_EQ(ask().value(), "Bearer two");
}

TEST_F(SmartBackendTest, RefusedClientNeedsAPerson) {
    transport_.on("POST", token_url,
                  answer(401, "application/json", R"({"error":"invalid_client"})"));
    const auto refused = ask();
    EXPECT_EQ(kind_of(refused), ErrorKind::Forbidden);
    EXPECT_NE(refused.error().message().find("invalid_client"), std::string::npos);
}

TEST_F(SmartBackendTest, AuthorizationServerThatIsDownIsUnavailable) {
    transport_.on("POST", token_url, answer(503, "", ""));
    EXPECT_EQ(kind_of(ask()), ErrorKind::Unavailable);
}

TEST_F(SmartBackendTest, AnswerWithoutABearerTokenIsAnError) {
    for (const char* body : {"{}", "not json", R"({"access_token":"abc"})",
                             R"({"access_token":"a b","token_type":"bearer"})",
                             R"({"access_token":"a\r\nX: y","token_type":"bearer"})",
                             R"({"access_token":"abc","token_type":"mac"})"}) {
        testing::FakeTransport transport([&](const HttpRequest& request) {
            return answer(200, "application/json",
                          request.method == "GET" ? configuration(token_url) : std::string(body));
        });
        SmartBackend backend(base_, {"consultd", "system/*.rs"}, key_, transport, clock_, random_);
        EXPECT_EQ(kind_of(backend.authorization(base_, call().deadline, {})), ErrorKind::Malformed)
            << body;
    }
}

class SmartDiscoveryTest : public ConversationTest {
protected:
    Result<SmartConfiguration> discover(HttpResponse with) {
        transport_.on("GET", base_.text() + "/.well-known/smart-configuration", std::move(with));
        return discover_smart(base_, transport_, clock_, call().deadline, {});
    }
    Result<SmartConfiguration> discover(const std::string& document) {
        return discover(answer(200, "application/json", document));
    }
};

TEST_F(SmartDiscoveryTest, FindsTheTokenEndpoint) {
    const auto smart = discover(configuration("https://login.example:443/token"));
    ASSERT_TRUE(smart.ok());
    EXPECT_EQ(smart->token_endpoint.host(), "login.example");
    EXPECT_EQ(smart->token_endpoint_text, "https://login.example:443/token")
        << "the audience is the text as the server writes it";
    EXPECT_TRUE(smart->capabilities.contains("permission-v2"));
    EXPECT_FALSE(transport_.requests().at(0).headers.find("Authorization"));
}

TEST_F(SmartDiscoveryTest, RelativeEndpointIsBelowTheServer) {
    const auto smart = discover(configuration("auth/token"));
    ASSERT_TRUE(smart.ok());
    EXPECT_EQ(smart->token_endpoint.text(), "https://ehr.example/fhir/auth/token");
}

TEST_F(SmartDiscoveryTest, NoAssertionGoesToAnEndpointWithoutTls) {
    EXPECT_EQ(kind_of(discover(configuration("http://login.example/token"))), ErrorKind::Malformed);
}

// An EHR that names a port of our own machine would have us post to whatever listens there.
TEST_F(SmartDiscoveryTest, ServerElsewhereSendsUsToNoPortOfOurOwn) {
    EXPECT_EQ(kind_of(discover(configuration("http://127.0.0.1:8080/token"))),
              ErrorKind::Malformed);
}

TEST_F(SmartDiscoveryTest, LoopbackMayDoWithoutTls) {
    base_ = url("http://localhost:8081/fhir");
    EXPECT_TRUE(discover(configuration("http://127.0.0.1:8080/token")).ok());
}

TEST_F(SmartDiscoveryTest, MissingOrBrokenDocumentIsToldApart) {
    EXPECT_EQ(kind_of(discover(answer(404, "text/html", ""))), ErrorKind::Unsupported);
}

TEST_F(SmartDiscoveryTest, DocumentWithoutEndpointIsMalformed) {
    EXPECT_EQ(kind_of(discover(std::string("{}"))), ErrorKind::Malformed);
}

}  // namespace
}  // namespace consultd::fhir
