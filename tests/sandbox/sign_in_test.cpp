#include "samples/sandbox/sign_in.h"

#include "fhir/url.h"
#include "tests/sandbox/fixtures.h"

namespace consultd::sandbox {
namespace {

using ::testing::HasSubstr;
using testing::observation;
using testing::patient;

const std::string verifier(43, 'v');
const std::string redirect = "https://consult.test/portal/callback";

class SignInTest : public testing::SandboxTest {
protected:
    SignInTest() : SandboxTest(with_token()) {
        box_.sign_in().add_client("consultd", redirect, "");
        put(patient("p1"));
        put(patient("p2"));
        put(observation("o1", "p1", "lab", "2026-01-01"));
    }
    static SandboxOptions with_token() { return {}; }
    static std::string authorize(const std::string& name = "", const std::string& value = "") {
        fhir::Query query;
        for (const auto& [known, usual] :
             std::initializer_list<std::pair<std::string, std::string>>{
                 {"response_type", "code"},
                 {"client_id", "consultd"},
                 {"redirect_uri", redirect},
                 {"scope", "launch/patient patient/*.rs openid offline_access"},
                 {"state", std::string(43, 's')},
                 {"nonce", "n"},
                 {"aud", "https://ehr.test/fhir"},
                 {"code_challenge", crypto::base64url(crypto::sha256(verifier))},
                 {"code_challenge_method", "S256"}})
            query.add(known, known == name ? value : usual);
        return "/authorize?" + query.text();
    }
    static std::string between(const std::string& text, const std::string& from, char to) {
        const std::size_t at = text.find(from) + from.size();
        return text.substr(at, text.find(to, at) - at);
    }
    // Signs p1 in, who allows what stands in `scopes`; where the browser is sent then.
    std::string allowed(const std::string& scopes) {
        const std::string page = send("GET", authorize()).body;
        const std::string request = between(page, "name=\"request\" value=\"", '"');
        EXPECT_THAT(form("/authorize/sign-in", "request=" + request + "&patient=p1").body,
                    HasSubstr("patient/Observation.rs"));
        return header(form("/authorize/decide", "request=" + request + "&allow=yes" + scopes),
                      "Location");
    }
    web::ServerResponse form(const std::string& path, const std::string& body) {
        return send("POST", path, body, {{"Content-Type", "application/x-www-form-urlencoded"}});
    }
    fhir::Json redeemed(const std::string& location, const std::string& with = verifier) {
        return testing::json(
            form("/token", "grant_type=authorization_code&client_id=consultd&code=" +
                               between(location, "code=", '&') + "&redirect_uri=" +
                               fhir::percent_encode(redirect) + "&code_verifier=" + with)
                .body);
    }
    fhir::Json refreshed(std::string_view token) {
        return testing::json(
            form("/token",
                 "grant_type=refresh_token&client_id=consultd&refresh_token=" + std::string(token))
                .body);
    }
    int read(const std::string& target, const fhir::Json& tokens) {
        return send("GET", target, "",
                    {{"Authorization", "Bearer " + std::string(tokens["access_token"].string())}})
            .status;
    }
    const std::string everything =
        "&scope=launch/patient&scope=patient/Patient.rs&scope=patient/Observation.rs&scope=openid"
        "&scope=offline_access";
};

TEST_F(SignInTest, APatientSignsInAndTheAppReadsThatRecordAlone) {
    const std::string location = allowed(everything);
    EXPECT_TRUE(location.starts_with(redirect + "?code=")) << location;
    EXPECT_THAT(location, HasSubstr("iss=https%3A%2F%2Fehr.test"));
    const fhir::Json tokens = redeemed(location);
    EXPECT_EQ(tokens["patient"].string(), "p1");
    EXPECT_THAT(std::string(tokens["scope"].string()), HasSubstr("patient/*.rs"));
    EXPECT_EQ(read("/fhir/Observation?patient=p1", tokens), 200);
    EXPECT_EQ(read("/fhir/Observation?patient=p2", tokens), 403);
    EXPECT_EQ(read("/fhir/Patient/p2", tokens), 403);
    EXPECT_TRUE(redeemed(location)["error"].is_string()) << "a code is good once";
}

TEST_F(SignInTest, WhatIsRefusedIsNotReadAndSaidInTheAnswer) {
    const fhir::Json tokens = redeemed(allowed("&scope=launch/patient&scope=patient/Patient.rs"));
    EXPECT_EQ(tokens["scope"].string(), "launch/patient patient/Patient.rs");
    EXPECT_FALSE(tokens.has("refresh_token"));
    EXPECT_FALSE(tokens.has("id_token"));
    EXPECT_EQ(read("/fhir/Patient/p1", tokens), 200);
    EXPECT_EQ(read("/fhir/Observation?patient=p1", tokens), 403);
    EXPECT_THAT(allowed(""), HasSubstr("error=access_denied"));
}

TEST_F(SignInTest, ARefreshTokenUsedTwiceEndsTheGrant) {
    const fhir::Json first = redeemed(allowed(everything));
    const fhir::Json second = refreshed(first["refresh_token"].string());
    EXPECT_EQ(read("/fhir/Patient/p1", second), 200);
    EXPECT_EQ(read("/fhir/Patient/p1", first), 401);
    EXPECT_EQ(refreshed(first["refresh_token"].string())["error"].string(), "invalid_grant");
    EXPECT_EQ(refreshed(second["refresh_token"].string())["error"].string(), "invalid_grant");
    EXPECT_EQ(read("/fhir/Patient/p1", second), 401);
}

TEST_F(SignInTest, ARevokedGrantIsOver) {
    const fhir::Json tokens = redeemed(allowed(everything));
    form("/revoke", "token=" + std::string(tokens["refresh_token"].string()));
    EXPECT_EQ(read("/fhir/Patient/p1", tokens), 401);
    EXPECT_EQ(refreshed(tokens["refresh_token"].string())["error"].string(), "invalid_grant");
}

TEST_F(SignInTest, ARequestThatIsNotInOrderIsNeverAnsweredByARedirect) {
    for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
             {"client_id", "stranger"},
             {"redirect_uri", "https://evil.test/"},
             {"response_type", "token"},
             {"aud", "https://elsewhere.test/fhir"},
             {"code_challenge_method", "plain"},
             {"code_challenge", ""},
             {"state", "short"}}) {
        const auto response = send("GET", authorize(name, value));
        EXPECT_EQ(response.status, 400) << name;
        EXPECT_EQ(header(response, "Location"), "") << name;
    }
}

TEST_F(SignInTest, ACodeServesOnlyWhoKnowsTheVerifier) {
    EXPECT_EQ(redeemed(allowed(everything), std::string(43, 'x'))["error"].string(),
              "invalid_grant");
}

}  // namespace
}  // namespace consultd::sandbox
