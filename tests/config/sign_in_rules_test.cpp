#include "config/sign_in_rules.h"

namespace consultd::config {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;

class SignInRulesTest : public ::testing::Test {
protected:
    SignInRulesTest() {
        Source source{.key = "general"};
        source.auth = {.type = Auth::Type::SmartPatient, .client_id = "portal"};
        config_.sources.emplace("general", source);
        Destination destination{.key = "center"};
        destination.organization = OrganizationId{"urn:npi", "1"};
        config_.destinations.emplace("center", destination);
        config_.listen.public_url = "https://consult.example.org";
    }
    std::vector<Problem> problems() {
        std::vector<Problem> found;
        check_sign_in(config_, found);
        return found;
    }
    Auth& auth() { return config_.sources.at("general").auth; }
    static auto at(const std::string& path) { return Contains(Field(&Problem::path, path)); }

    Config config_;
};

TEST_F(SignInRulesTest, APublicClientNeedsNoMoreThanItsNameAndAnAddressToComeBackTo) {
    EXPECT_THAT(problems(), IsEmpty());
    EXPECT_TRUE(has_portal(config_));
    config_.listen.public_url = "http://127.0.0.1:8090";
    EXPECT_THAT(problems(), IsEmpty()) << "on this machine alone";
}

TEST_F(SignInRulesTest, WhereNobodySignsInThereIsNoPortalAndNothingIsAskedFor) {
    auth().type = Auth::Type::None;
    config_.listen.public_url.clear();
    EXPECT_FALSE(has_portal(config_));
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(SignInRulesTest, AnAddressThatIsNotHttpsOrNotExactStopsTheStart) {
    for (const char* url : {"", "http://consult.example.org", "https://consult.example.org/"}) {
        config_.listen.public_url = url;
        EXPECT_THAT(problems(), at("/listen/publicUrl")) << url;
    }
}

TEST_F(SignInRulesTest, AClientIsKnownInOneWay) {
    auth().key_file = "/k.pem";
    EXPECT_THAT(problems(), IsEmpty());
    auth().client_secret_file = "/secret";
    EXPECT_THAT(problems(), at("/sources/general/auth"));
    auth() = {.type = Auth::Type::SmartPatient};
    EXPECT_THAT(problems(), at("/sources/general/auth/clientId"));
}

TEST_F(SignInRulesTest, ADestinationIsNamedInConsentsAndOpenedByNoPatient) {
    config_.destinations.at("center").organization.reset();
    EXPECT_THAT(problems(), at("/destinations/center/organization"));
    config_.destinations.at("center").auth.type = Auth::Type::SmartPatient;
    EXPECT_THAT(problems(), at("/destinations/center/auth/type"));
}

}  // namespace
}  // namespace consultd::config
