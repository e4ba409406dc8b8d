#include "samples/sandbox/tokens.h"

#include "fhir/base/jws.h"
#include "tests/sandbox/fixtures.h"

namespace consultd::sandbox {
namespace {

using testing::json;

class TokensTest : public ::testing::Test {
protected:
    void SetUp() override {
        tokens_.set_token_url("https://ehr.test/token");
        ASSERT_TRUE(tokens_.add_client("app", jws::public_jwks({key_}), {"system/*.rs"}));
    }
    std::string claims(int life_s = 60, const std::string& aud = "https://ehr.test/token") {
        const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch();
        return "{\"iss\":\"app\",\"sub\":\"app\",\"aud\":\"" + aud +
               "\",\"exp\":" + std::to_string(now.count() + life_s) + ",\"jti\":\"" +
               std::to_string(++jti_) + "\"}";
    }
    Result<fhir::Json> ask(const std::string& assertion, const std::string& scope = "system/*.rs") {
        return tokens_.grant(
            {{"grant_type", "client_credentials"},
             {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
             {"client_assertion", assertion},
             {"scope", scope}});
    }
    crypto::Key key_ = *crypto::Key::generate(crypto::Key::Type::EcP384);
    consultd::testing::FakeClock clock_;
    consultd::testing::SeededRandom random_;
    Tokens tokens_{clock_, random_};
    int jti_ = 0;
};

TEST_F(TokensTest, ASignedAssertionBuysAFiveMinuteToken) {
    const auto granted = ask(jws::sign(key_, claims()));
    ASSERT_TRUE(granted) << granted.error().message();
    EXPECT_EQ((*granted)["expires_in"].number(), "300");
    const std::string token((*granted)["access_token"].string());
    const Grant* grant = tokens_.use(token);
    ASSERT_NE(grant, nullptr);
    EXPECT_TRUE(grant->allows("Observation", 's'));
    EXPECT_FALSE(grant->allows("Observation", 'c'));
    clock_.advance(std::chrono::seconds(301));
    EXPECT_EQ(tokens_.use(token), nullptr);
    EXPECT_EQ(tokens_.use("made-up"), nullptr);
}

TEST_F(TokensTest, AnAssertionServesOnce) {
    const std::string assertion = jws::sign(key_, claims());
    ASSERT_TRUE(ask(assertion));
    EXPECT_FALSE(ask(assertion));
}

TEST_F(TokensTest, AssertionsThatAreStaleOrLongOrForSomebodyElseAreRefused) {
    EXPECT_FALSE(ask(jws::sign(key_, claims(-60))));
    EXPECT_FALSE(ask(jws::sign(key_, claims(3600))));
    EXPECT_FALSE(ask(jws::sign(key_, claims(60, "https://elsewhere.test/token"))));
    EXPECT_FALSE(ask("a.b"));
    const auto stranger = *crypto::Key::generate(crypto::Key::Type::EcP384);
    EXPECT_FALSE(ask(jws::sign(stranger, claims())));
}

TEST_F(TokensTest, AChangedAssertionDoesNotVerify) {
    std::string assertion = jws::sign(key_, claims());
    const std::size_t last = assertion.rfind('.') + 10;
    assertion[last] = assertion[last] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(ask(assertion));
}

TEST_F(TokensTest, OnlyWhatIsAllowedIsGranted) {
    const auto granted =
        ask(jws::sign(key_, claims()), "system/Patient.read system/Task.cu openid");
    ASSERT_TRUE(granted);
    EXPECT_EQ((*granted)["scope"].string(), "system/Patient.read");
    EXPECT_FALSE(ask(jws::sign(key_, claims()), "system/Task.cu"));
}

}  // namespace
}  // namespace consultd::sandbox
