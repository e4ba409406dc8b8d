#include "adapter/stages/authorize.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fhir/base/crypto.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"
#include "tests/support/seeded_random.h"

namespace consultd {
namespace {

class AuthorizeTest : public ::testing::Test {
protected:
    AuthorizeTest() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "authorize-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~AuthorizeTest() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, std::string_view content, mode_t mode = 0600) {
        const std::string path = folder_ + "/" + name;
        std::ofstream(path) << content;
        ::chmod(path.c_str(), mode);
        return path;
    }
    Result<std::unique_ptr<fhir::Credentials>> make(const config::Auth& auth) {
        return make_credentials(auth, base_, transport_, clock_, random_);
    }
    std::optional<std::string> header(const config::Auth& auth, const std::string& url) {
        const auto made = make(auth);
        EXPECT_TRUE(made.ok()) << made.error().message();
        return (*made)
            ->authorization(fhir::Url::parse(url).value(),
                            Deadline::after(clock_, std::chrono::seconds(10)), {})
            .value();
    }

    std::string folder_;
    testing::FakeClock clock_;
    testing::SeededRandom random_;
    testing::FakeTransport transport_;
    fhir::Url base_ = fhir::Url::parse("https://ehr.example/fhir").value();
    const std::string inside_ = "https://ehr.example/fhir/Patient/1";
    const std::string outside_ = "https://other.example/fhir/Patient/1";
};

TEST_F(AuthorizeTest, BearerTokenComesFromItsFileAndStaysAtItsServer) {
    config::Auth auth;
    auth.type = config::Auth::Type::Bearer;
    auth.token_file = file("token", "abc\n");
    EXPECT_EQ(header(auth, inside_), "Bearer abc");
    EXPECT_EQ(header(auth, outside_), std::nullopt);
}

TEST_F(AuthorizeTest, BasicEncodesUserAndPassword) {
    config::Auth auth;
    auth.type = config::Auth::Type::Basic;
    auth.user = "Aladdin";
    auth.password_file = file("password", "open sesame");
    EXPECT_EQ(header(auth, inside_), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617 §2
    EXPECT_EQ(header(auth, outside_), std::nullopt);
}

TEST_F(AuthorizeTest, NoneSendsNothing) { EXPECT_EQ(header({}, inside_), std::nullopt); }

TEST_F(AuthorizeTest, SecretThatOthersCanReadIsRefused) {
    config::Auth auth;
    auth.type = config::Auth::Type::Bearer;
    auth.token_file = file("token", "abc", 0644);
    EXPECT_EQ(make(auth).error().kind(), ErrorKind::Config);
    auth.token_file = folder_ + "/missing";
    EXPECT_EQ(make(auth).error().kind(), ErrorKind::Config);
}

TEST_F(AuthorizeTest, SmartBackendNeedsAKeyThatFitsItsAlgorithm) {
    const auto key = crypto::Key::generate(crypto::Key::Type::EcP384).value();
    config::Auth auth;
    auth.type = config::Auth::Type::SmartBackend;
    auth.client_id = "consultd";
    auth.key_file = file("key.pem", key.private_pem().reveal());
    auth.algorithm = "ES384";
    EXPECT_TRUE(make(auth).ok());
    EXPECT_TRUE(transport_.requests().empty()) << "discovery waits for the first use";
    auth.algorithm = "RS384";
    EXPECT_EQ(make(auth).error().kind(), ErrorKind::Config);
    auth.key_file = file("no-key.pem", "no key");
    EXPECT_EQ(make(auth).error().kind(), ErrorKind::Config);
}

// Whoever else asks there comes without a token: a record is each patient's own to open.
TEST_F(AuthorizeTest, AnInstitutionThatPatientsOpenHasNoCredentialOfItsOwn) {
    config::Auth auth;
    auth.type = config::Auth::Type::SmartPatient;
    auth.client_id = "portal";
    EXPECT_EQ(header(auth, "https://ehr.example/fhir/Patient/1"), std::nullopt);
}

TEST_F(AuthorizeTest, APatientsClientIsPublicOrHasASecretOrAKey) {
    config::Auth auth;
    auth.type = config::Auth::Type::SmartPatient;
    auth.client_id = "portal";
    const auto open = read_smart_client(auth);
    ASSERT_TRUE(open.ok());
    EXPECT_FALSE(open->secret || open->key);
    auth.client_secret_file = file("secret", "s3cret");
    EXPECT_EQ(read_smart_client(auth)->secret->reveal(), "s3cret");
    auth.client_secret_file = file("loose", "s3cret", 0644);
    EXPECT_EQ(read_smart_client(auth).error().kind(), ErrorKind::Config);
}

}  // namespace
}  // namespace consultd
