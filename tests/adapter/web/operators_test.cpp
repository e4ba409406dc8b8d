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
    std::optional<std::string> who(const std::string& value) const {
        return operators->authenticate(with_header(value));
    }
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
        EXPECT_FALSE(who(value)) << value;
    EXPECT_FALSE(operators->authenticate({}));
}

TEST_F(OperatorsTest, NobodyMayWhenNobodyIsConfigured) {
    const Operators nobody = Operators::read({}).value();
    EXPECT_FALSE(nobody.authenticate(with_header("Bearer " + token)));
    EXPECT_FALSE(nobody.authenticate(with_header("Bearer ")));
}

TEST_F(OperatorsTest, CertificateCountsOnlyWhereItsCaIsConfigured) {
    ServerRequest request;
    request.client_certificate_subject = "CN=it-desk";
    EXPECT_FALSE(operators->authenticate(request));
    config.listen.client_ca_file = "ca.pem";
    operators.emplace(Operators::read(config.listen).value());
    EXPECT_EQ(operators->authenticate(request), "CN=it-desk");
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
