#include "adapter/web/operators.h"

#include <cctype>

#include "api_fixture.h"

namespace consultd::web {
namespace {

class OperatorsTest : public ApiTest {
protected:
    static ServerRequest with_header(const std::string& value) {
        return {.headers = {{"Authorization", value}}};
    }
    std::string who(const std::string& value) const {
        return operators->authenticate(with_header(value)).who.name();
    }
    void read_again() { operators.emplace(Operators::read(config.listen).value()); }
    ErrorKind refusal(const std::string& file) const {
        config::Listen listen;
        listen.operators = {{"x", file}};
        const auto read = Operators::read(listen);
        EXPECT_FALSE(read.ok());
        return read.ok() ? ErrorKind::Cancelled : read.error().kind();
    }
};

TEST_F(OperatorsTest, TokenNamesItsOperator) {
    config.listen.operators.push_back(
        {"console", hash_file("console.hash", crypto::hex(crypto::sha256("other-token")))});
    operators.emplace(Operators::read(config.listen).value());
    EXPECT_EQ(who("Bearer " + token), "it-desk");
    EXPECT_EQ(who("bearer " + token), "it-desk");
    EXPECT_EQ(who("Bearer other-token"), "console");
}

// Of a token whose hash agrees for a while nothing is learned: only the whole hash counts.
TEST_F(OperatorsTest, NothingElseIsAToken) {
    const std::string hash = crypto::hex(crypto::sha256(token));
    for (const std::string& value :
         {std::string(), std::string("Bearer "), std::string("Bearer"), "Basic " + token, token,
          "Bearer " + token + " ", "Bearer  " + token, "Bearer " + hash,
          "Bearer " + token.substr(1), "Bearer " + token + "0"})
        EXPECT_EQ(who(value), "") << value;
    EXPECT_FALSE(operators->authenticate({}).is_operator());
}

TEST_F(OperatorsTest, NobodyMayWhenNobodyIsConfigured) {
    const Operators nobody = Operators::read({}).value();
    EXPECT_FALSE(nobody.authenticate(with_header("Bearer " + token)).is_operator());
    EXPECT_FALSE(nobody.authenticate(with_header("Bearer ")).is_operator());
}

TEST_F(OperatorsTest, CertificateIsItsOperatorByFingerprintOrSubjectWhereItsCaIsConfigured) {
    ServerRequest request;
    request.client_certificate_subject = "CN=desk,O=General";
    request.client_certificate_sha256 = std::string(64, 'a');
    config.listen.operators.push_back(
        {.name = "by-subject", .token_hash_file = "", .certificate_subject = "CN=desk,O=General"});
    read_again();
    EXPECT_FALSE(operators->authenticate(request).is_operator());
    config.listen.client_ca_file = "ca.pem";
    read_again();
    EXPECT_EQ(operators->authenticate(request).who, Actor::operator_named("by-subject"));
    config.listen.operators.back() = {.name = "by-fingerprint",
                                      .token_hash_file = "",
                                      .certificate_sha256 = std::string(64, 'a')};
    read_again();
    EXPECT_EQ(operators->authenticate(request).who, Actor::operator_named("by-fingerprint"));
}

// The CA signs for more than our operators.
TEST_F(OperatorsTest, CertificateThatNoOperatorHasIsNobody) {
    config.listen.client_ca_file = "ca.pem";
    config.listen.operators.push_back({.name = "desk",
                                       .token_hash_file = "",
                                       .certificate_sha256 = std::string(64, 'a'),
                                       .certificate_subject = "CN=desk"});
    read_again();
    ServerRequest request;
    request.client_certificate_subject = "CN=desk-2";
    request.client_certificate_sha256 = std::string(64, 'b');
    EXPECT_FALSE(operators->authenticate(request).is_operator());
    EXPECT_TRUE(operators->authenticate(request).is_stranger);
    request.path = "/fhir/Task";
    EXPECT_EQ(api->handle(request).status, 403);
    request.headers = {{"Authorization", "Bearer " + token}};
    EXPECT_EQ(operators->authenticate(request).who.name(), "it-desk");
}

TEST_F(OperatorsTest, WhoMayEverythingHasEveryRoleAndNobodyHasNone) {
    using enum config::Role;
    const Caller all{.who = Actor::operator_named("x"), .roles = {Operate}};
    const Caller reader{.who = Actor::operator_named("y"), .roles = {Audit}};
    for (const config::Role role : {Operate, Transfers, Audit}) {
        EXPECT_TRUE(all.has(role));
        EXPECT_EQ(reader.has(role), role == Audit);
        EXPECT_FALSE(Caller{}.has(role));
    }
    EXPECT_EQ(operators->authenticate(with_header("Bearer " + token)).roles,
              std::vector<config::Role>{Operate})
        << "the default";
}

// Who asked stands in the log: one token is one operator.
TEST_F(OperatorsTest, TwoOperatorsWithOneTokenStopTheStart) {
    config.listen.operators.push_back(
        {"console", hash_file("console.hash", crypto::hex(crypto::sha256(token)))});
    EXPECT_EQ(Operators::read(config.listen).error().kind(), ErrorKind::Config);
}

TEST_F(OperatorsTest, HashFileThatEverybodyMayWriteStopsTheStart) {
    const std::string file = hash_file("open.hash", crypto::hex(crypto::sha256("x")));
    std::filesystem::permissions(file, std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    EXPECT_EQ(refusal(file), ErrorKind::Config);
}

TEST_F(OperatorsTest, WrongHashFileStopsTheStart) {
    const std::string good = crypto::hex(crypto::sha256(token));
    std::string upper = good;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    for (const std::string& text :
         {std::string(), std::string("it-desk"), good.substr(1), good + "00", upper, token})
        EXPECT_EQ(refusal(hash_file("wrong.hash", text)), ErrorKind::Config) << text;
    EXPECT_EQ(refusal(folder + "/absent.hash"), ErrorKind::Config);
}

}  // namespace
}  // namespace consultd::web
