#include "adapter/patient_access.h"

#include <stdlib.h>

#include <filesystem>

#include "adapter/sealed_parts.h"
#include "tests/fhir/client/patient_server.h"

namespace consultd {
namespace {

using testing::answer;

// Passes on to a transport that the test keeps.
class Passage final : public fhir::HttpTransport {
public:
    explicit Passage(fhir::HttpTransport& to) : to_(to) {}
    std::future<Result<fhir::HttpResponse>> start(fhir::HttpRequest request,
                                                  std::stop_token stop) override {
        return to_.start(std::move(request), std::move(stop));
    }

private:
    fhir::HttpTransport& to_;
};

class PatientAccessTest : public ::testing::Test {
protected:
    PatientAccessTest() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "consultd-access-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        store_ = open_sqlite_store(folder_ + "/consultd.db", StoreRole::Owner).value();
        config::Source source{
            .key = "general", .name = "General Hospital", .fhir_base_url = server_.base};
        source.auth.type = config::Auth::Type::SmartPatient;
        source.auth.client_id = "consultd";
        peer_ = std::make_unique<Peer>(
            source, config::Limits{},
            PeerTools{.clock = server_.clock,
                      .random = server_.random,
                      .make_transport = [this](const fhir::HttpOptions&, Clock&)
                          -> Result<std::unique_ptr<fhir::HttpTransport>> {
                          return std::unique_ptr<fhir::HttpTransport>(
                              std::make_unique<Passage>(server_.transport));
                      }});
    }
    ~PatientAccessTest() override {
        store_.reset();
        std::filesystem::remove_all(folder_);
    }
    // A transfer with this sign-in, being worked on.
    void begin(const std::string& kept) {
        Transfer transfer;
        transfer.id = crypto::uuid_v4(server_.random);
        transfer.source = "general";
        transfer.destination = "center";
        std::vector<SealedPart> parts;
        if (kept != "none") parts.push_back(seal_part(sealer_, transfer.id, Part::Access, kept));
        ASSERT_TRUE(store_->create(transfer, parts).ok());
        lease_ = store_->claim(transfer.id, server_.clock.now(), std::chrono::minutes(2), "one")
                     .value()
                     .value();
        access_.emplace(peer_.get(), *store_, sealer_, server_.clock, lease_);
    }
    std::string tokens(Milliseconds good_for = std::chrono::hours(1)) {
        return fhir::text_of({.access = Secret("access-1"),
                              .refresh = Secret("refresh-1"),
                              .use_until = server_.clock.now() + good_for,
                              .scope = "patient/*.rs",
                              .patient = "anna"});
    }
    Result<std::optional<std::string>> ask(
        const std::string& url = "https://ehr.example/fhir/Patient/anna") {
        return access_->authorization(fhir::Url::parse(url).value(),
                                      Deadline::after(server_.clock, std::chrono::seconds(9)), {});
    }
    std::string kept_refresh() {
        return std::string(
            fhir::patient_tokens(
                open_part(*store_, sealer_, lease_.transfer.id, Part::Access).value())
                ->refresh.reveal());
    }

    testing::PatientServer server_;
    crypto::Sealer sealer_{Secret(std::string(32, 'k')), server_.random};
    std::string folder_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Peer> peer_;
    Lease lease_;
    std::optional<PatientAccess> access_;
};

TEST_F(PatientAccessTest, ATokenGoesToTheOriginOfItsSignInAndNowhereElse) {
    begin(tokens());
    EXPECT_EQ(ask().value(), "Bearer access-1");
    for (const char* elsewhere : {"https://files.example/a", "http://ehr.example/fhir/Patient/1",
                                  "https://ehr.example:8443/fhir/Patient/1"})
        EXPECT_EQ(ask(elsewhere).value(), std::nullopt) << elsewhere;
    EXPECT_TRUE(server_.transport.requests().empty());
}

TEST_F(PatientAccessTest, WithoutASignInOnlyThePatientCanGoOn) {
    begin("none");
    EXPECT_EQ(ask().error().kind(), ErrorKind::Unauthorized);
    begin("");  // it was ended
    EXPECT_EQ(ask().error().kind(), ErrorKind::Unauthorized);
}

// A server that replaces refresh tokens ends the grant of whoever comes with the old one.
TEST_F(PatientAccessTest, ANewRefreshTokenIsKeptBeforeItIsUsed) {
    server_.grant(fhir::Json::object({{"refresh_token", "refresh-2"}}), "access-2");
    begin(tokens(std::chrono::seconds(-1)));
    EXPECT_EQ(ask().value(), "Bearer access-2");
    EXPECT_EQ(kept_refresh(), "refresh-2");
    // Somebody else has the lease by now: nothing is written over theirs, and nothing used.
    server_.grant(fhir::Json::object({{"refresh_token", "refresh-3"}}), "access-3");
    ASSERT_TRUE(store_->release(lease_).ok());
    access_->refused("Bearer access-2");
    EXPECT_EQ(ask().error().kind(), ErrorKind::Conflict);
    EXPECT_EQ(kept_refresh(), "refresh-2");
}

TEST_F(PatientAccessTest, ARefusedTokenIsRenewedOnceForAll) {
    server_.grant(fhir::Json::object({}), "access-2");
    begin(tokens());
    ASSERT_EQ(ask().value(), "Bearer access-1");
    access_->refused("Bearer access-1");
    EXPECT_EQ(ask().value(), "Bearer access-2");
    access_->refused("Bearer access-1");  // of a request that was on its way then
    EXPECT_EQ(ask().value(), "Bearer access-2");
    EXPECT_EQ(kept_refresh(), "refresh-1") << "it was not replaced";
}

TEST_F(PatientAccessTest, ALostAnswerIsAskedForAgainAndTheServerDecides) {
    server_.tokens_answer(Error(ErrorKind::Uncertain, "the answer was lost"));
    server_.tokens_answer(answer(400, "application/json", R"({"error":"invalid_grant"})"));
    begin(tokens(std::chrono::seconds(-1)));
    EXPECT_EQ(ask().error().kind(), ErrorKind::Uncertain);
    EXPECT_EQ(kept_refresh(), "refresh-1");
    EXPECT_EQ(ask().error().kind(), ErrorKind::Unauthorized);
}

}  // namespace
}  // namespace consultd
