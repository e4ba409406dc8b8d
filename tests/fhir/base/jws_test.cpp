#include "fhir/base/jws.h"

#include <gtest/gtest.h>

namespace consultd::jws {
namespace {

using crypto::from_base64url;
using crypto::Key;

// The value of a string member in one of our own JWKs.
std::string member(const std::string& jwk, const std::string& name) {
    const std::string start = '"' + name + "\":\"";
    const std::size_t at = jwk.find(start);
    if (at == std::string::npos) return {};
    const std::size_t value = at + start.size();
    return jwk.substr(value, jwk.find('"', value) - value);
}

Result<Key> from_jwk(const std::string& jwk) {
    return member(jwk, "kty") == "RSA" ? rsa_from_jwk(member(jwk, "n"), member(jwk, "e"))
                                       : p384_from_jwk(member(jwk, "x"), member(jwk, "y"));
}

class BothAlgorithmsTest : public ::testing::TestWithParam<Key::Type> {
protected:
    Key key_ = std::move(Key::generate(GetParam())).value();
};

TEST_P(BothAlgorithmsTest, APeerVerifiesWithThePublishedKeyWhatWeSign) {
    const std::string token = sign(key_, R"({"iss":"client"})");
    const auto parts = split(token);
    ASSERT_TRUE(parts.ok());
    EXPECT_EQ(parts->header, R"({"alg":")" + std::string(algorithm_of(key_)) + R"(","kid":")" +
                                 thumbprint(key_) + R"(","typ":"JWT"})");
    EXPECT_EQ(parts->payload, R"({"iss":"client"})");
    const auto published = from_jwk(public_jwk(key_));
    ASSERT_TRUE(published.ok());
    EXPECT_TRUE(published->verify(parts->signing_input, parts->signature));
    EXPECT_FALSE(published->verify(parts->signing_input + ' ', parts->signature));
    EXPECT_EQ(thumbprint(*published), thumbprint(key_));
}

TEST_P(BothAlgorithmsTest, APublishedKeyHoldsNoPrivateMember) {
    const std::string jwk = public_jwk(key_);
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "k"})
        EXPECT_EQ(member(jwk, name), "") << name;
    EXPECT_EQ(member(jwk, "use"), "sig");
    EXPECT_EQ(member(jwk, "alg"), algorithm_of(key_));
    EXPECT_EQ(public_jwks({key_, key_}), R"({"keys":[)" + jwk + ',' + jwk + "]}");
}

INSTANTIATE_TEST_SUITE_P(Types, BothAlgorithmsTest,
                         ::testing::Values(Key::Type::Rsa, Key::Type::EcP384));

// RFC 7638 §3.1.
constexpr std::string_view rfc7638_n =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
    "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
    "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
    "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

TEST(JwkTest, ThumbprintFollowsRfc7638) {
    const auto key = rsa_from_jwk(rfc7638_n, "AQAB");
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(thumbprint(*key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(JwkTest, RsaKeysThatAreTooSmallOrNoNumbersAreRefused) {
    EXPECT_FALSE(rsa_from_jwk(rfc7638_n.substr(0, 171), "AQAB").ok());
    for (const char* exponent : {"", "AQ", "AA", "AAAA", "Ag", "=", "AQAB="})
        EXPECT_FALSE(rsa_from_jwk(rfc7638_n, exponent).ok()) << exponent;
    EXPECT_FALSE(rsa_from_jwk("", "AQAB").ok());
}

TEST(JwkTest, APointThatIsNotOnTheCurveIsRefused) {
    const std::string jwk = public_jwk(std::move(Key::generate(Key::Type::EcP384)).value());
    const std::string x = member(jwk, "x");
    const std::string y = member(jwk, "y");
    ASSERT_TRUE(p384_from_jwk(x, y).ok());
    EXPECT_FALSE(p384_from_jwk(y, x).ok());
    EXPECT_FALSE(p384_from_jwk(x, x).ok());
    EXPECT_FALSE(p384_from_jwk(x.substr(0, 60), y).ok());
    const std::string zeros = crypto::base64url(std::string(48, '\0'));
    EXPECT_EQ(p384_from_jwk(zeros, zeros).error().kind(), ErrorKind::Malformed);
}

// RFC 7515 A.1.
TEST(SplitTest, TheExampleOfRfc7515ComesApart) {
    const auto parts = split(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
        "VlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    ASSERT_TRUE(parts.ok());
    EXPECT_EQ(parts->header, "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}");
    const std::string key = *from_base64url(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    EXPECT_EQ(crypto::hmac_sha256(key, parts->signing_input), parts->signature);
}

TEST(SplitTest, WhatIsNoCompactJwsIsRefused) {
    for (const char* token : {"", ".", "..", "e30.e30", "e30.e30.", ".e30.e30", "e30.e30.e30.e30",
                              "e30=.e30.e30", "e30.e30.e30\n", "e3 0.e30.e30", "e30.e30.e+0"})
        EXPECT_EQ(split(token).error().kind(), ErrorKind::Malformed) << token;
    EXPECT_FALSE(split("e30.e30." + std::string(70'000, 'A')).ok());
}

// The signatures were made with another implementation: Java's SunEC and SunRsaSign.
TEST(ForeignSignatureTest, Es384AndRs384OfAnotherImplementationVerify) {
    const auto curve_key =
        p384_from_jwk("7T5ZShOiiTx_m1SSWC4lEPg2imRiPqi0K56wHDjpYjGTxVYk2lh3AZLCHMAMPHKi",
                      "2FgZATgJ3at209X8jXv2f6sFp-N1NfG071LWk_kaxGFsmeY78lO_R41RkVMhKq4K");
    const auto curve = split(
        "eyJhbGciOiJFUzM4NCJ9.eyJpc3MiOiJjbGllbnQifQ.MWPa99qD6L7riu6tI82ZbM6s6JlChRd4oup-"
        "sZLDoQu2CmKhVnBxpdVTrnhfsNYNziR_Iqcj98QAJ5RBw7GAkogYUnFIg-wfx1pD2aA4LawFNNSG3PbK"
        "kA2D8GYJTZi1");
    ASSERT_TRUE(curve_key.ok() && curve.ok());
    EXPECT_TRUE(curve_key->verify(curve->signing_input, curve->signature));
    const auto rsa_key = rsa_from_jwk(
        "lxFe90jpJTnhRrPkUiBIvwyGtCnV5iVjeEZXgPQmwVyenoRUA1ba8-wfpaNwfu9g0Osi-gWCY15pFsE4"
        "0gSfV_1W_m8bA7kYn7eO4cDlmhQLfMFcPf6BHqXu6_AlaTC2tcFCCj8bgUL5oQUuSe-Ii_cLk5Mg69Cf"
        "k477dYpNFaNShY0TetPBvw-5F3jpGVxa9hizKHQEcYqEXV5NBGvGLtw_Cl0YyfHwB73BHO_Hq-3-D47S"
        "lCuDA6tNOg0F_-D_Qp8kz85YKD8AuZ3frXJmDWuTG9nkHAQv8LaCvYfoI5FPAhmOQB6-K7np0bGp9etD"
        "lWV-ARsydY9xto86poCd-w",
        "AQAB");
    const auto rsa = split(
        "eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJjbGllbnQifQ.luJq-IakXEO1SnzLLgU72uF_Zh3GRNSNi6Wu"
        "t4is4GtFFUyTkserSw8bo5SKTO7rRHZk--xPVWxntCQOTNLDxcWeUZOwVAIgV12rwuGCRCHrWBiZaUJt"
        "_OE5RN9x85vJZFYKsYQoxdFYtZvOY40kicc_-kHKmNzY94ANksSSX-WCQrppKV1n564b1mz7P5GW9sSt"
        "5VF95psPP979ozMQ1MEdARMKuMa8FZmis3s86mxWmzyzkrTfBzGwnYlmg6YXrdwK-5qpjVxEgZO1BTEe"
        "Mo9qKzE_09F4Cf_8OGS0T5ZVJgZRPwpnE4YX0UjtjK_7IC5EVB2FQvb9MNs-jQDVZQ");
    ASSERT_TRUE(rsa_key.ok() && rsa.ok());
    EXPECT_TRUE(rsa_key->verify(rsa->signing_input, rsa->signature));
    EXPECT_FALSE(rsa_key->verify(curve->signing_input, rsa->signature));
}

// RFC 7515 A.3, whose key is on P-256: what many servers sign their id_tokens with.
TEST(VerifiesTest, Es256OfTheStandardsOwnExampleVerifiesAndNothingElseDoes) {
    const PublicJwk key{.kty = "EC",
                        .crv = "P-256",
                        .x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                        .y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"};
    const auto token = split(
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djx"
        "La8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    ASSERT_TRUE(token.ok());
    EXPECT_TRUE(verifies("ES256", key, token->signing_input, token->signature));
    EXPECT_FALSE(verifies("ES256", key, token->signing_input + " ", token->signature));
    for (const char* other : {"ES384", "RS256", "RS384", "HS256", "none", ""})
        EXPECT_FALSE(verifies(other, key, token->signing_input, token->signature)) << other;
    PublicJwk moved = key;
    moved.x = key.y;  // no point of the curve
    EXPECT_FALSE(verifies("ES256", moved, token->signing_input, token->signature));
    EXPECT_FALSE(verifies("ES256", key, token->signing_input, token->signature.substr(1)));
}

TEST(VerifiesTest, Rs256IsVerifiedByItsOwnKeyAlone) {
    const auto key = crypto::Key::generate(crypto::Key::Type::Rsa).value();
    const auto token = split(sign_rs256(key, R"({"iss":"a"})"));
    ASSERT_TRUE(token.ok());
    const std::string jwk = public_jwk(key);
    const auto member = [&](const std::string& name) {
        const std::size_t from = jwk.find("\"" + name + "\":\"") + name.size() + 4;
        return std::string_view(jwk).substr(from, jwk.find('"', from) - from);
    };
    const PublicJwk known{.kty = "RSA", .n = member("n"), .e = member("e")};
    EXPECT_TRUE(verifies("RS256", known, token->signing_input, token->signature));
    EXPECT_FALSE(verifies("RS384", known, token->signing_input, token->signature));
    EXPECT_FALSE(verifies("RS256", {.kty = "RSA", .n = known.n, .e = "AQ"}, token->signing_input,
                          token->signature));
    // A key of this size is no secret any more.
    EXPECT_FALSE(verifies("RS256", {.kty = "RSA", .n = "wVU3", .e = "AQAB"}, token->signing_input,
                          token->signature));
}

}  // namespace
}  // namespace consultd::jws
