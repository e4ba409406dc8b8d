#include "adapter/peers.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "config/directories.h"
#include "hospital_pair.h"

namespace consultd {
namespace {

using testing::answer;
using testing::json_answer;

// An EHR with an authorization server: its tokens are "1", "2" …
class PeersTest : public ::testing::Test {
protected:
    PeersTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "peers-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        const std::string key = folder_ + "/client.pem";
        std::ofstream(key)
            << crypto::Key::generate(crypto::Key::Type::EcP384)->private_pem().reveal();
        ::chmod(key.c_str(), 0600);
        for (const char* name : {"general", "clinic"})
            config_.sources[name] = {.key = name,
                                     .name = name,
                                     .fhir_base_url = url("https://ehr.example/fhir"),
                                     .auth = {.type = config::Auth::Type::SmartBackend,
                                              .client_id = name,
                                              .key_file = key,
                                              .algorithm = "ES384",
                                              .scope = "system/*.rs"}};
        config_.destinations["center"] = {.key = "center",
                                          .name = "Center",
                                          .fhir_base_url = url("https://[2001:db8::1]:8443/fhir")};
    }
    ~PeersTest() override { std::filesystem::remove_all(folder_); }

    static fhir::Url url(const char* text) { return fhir::Url::parse(text).value(); }
    // The way there, which outlives the peers that go it.
    class Road final : public fhir::HttpTransport {
    public:
        explicit Road(fhir::HttpTransport& way) : way_(way) {}
        std::future<Result<fhir::HttpResponse>> start(fhir::HttpRequest request,
                                                      std::stop_token stop) override {
            return way_.start(std::move(request), std::move(stop));
        }

    private:
        fhir::HttpTransport& way_;
    };
    PeerTools tools() {
        return {.clock = clock_,
                .random = random_,
                .make_transport = [this](const fhir::HttpOptions& options,
                                         Clock&) -> Result<std::unique_ptr<fhir::HttpTransport>> {
                    opened_with_.push_back(options.connections_max);
                    return std::unique_ptr<fhir::HttpTransport>(std::make_unique<Road>(transport_));
                }};
    }
    Peers peers() { return Peers(config_, tools()); }
    testing::FakeTransport::Answer answer_to(const fhir::HttpRequest& request) {
        const std::string path = request.url.path();
        if (down_) return Error(ErrorKind::Unavailable, "no connection to the server");
        if (path.ends_with("smart-configuration"))
            return answer(200, "application/json",
                          R"({"token_endpoint":"https://ehr.example/token"})");
        if (path == "/token")
            return answer(200, "application/json",
                          R"({"token_type":"bearer","expires_in":3600,"access_token":")" +
                              std::to_string(++tokens_) + "\"}");
        const std::string shown(request.headers.find("Authorization").value_or("Bearer 0"));
        if (std::stoi(shown.substr(7)) < good_from_) return answer(401, "", "");
        if (path.ends_with("/metadata"))
            return json_answer(200, R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1",
                "rest":[{"mode":"server","resource":[{"type":"Patient"}]}]})");
        if (path.ends_with("/gone")) return answer(404, "", "");
        return json_answer(200, R"({"resourceType":"Patient","id":"1"})");
    }
    std::size_t asked(const std::string& what) const {
        std::size_t count = 0;
        for (const std::string& line : transport_.log()) count += line.ends_with(what) ? 1 : 0;
        return count;
    }
    fhir::Call call() { return {.deadline = Deadline::after(clock_, std::chrono::minutes(1))}; }
    Result<fhir::FhirResponse> read(Peer& peer, const char* path = "Patient/1") {
        TRY_ASSIGN(fhir::FhirClient* const client, peer.client());
        return peer.heard(client->get(client->base().below(path), call()));
    }

    std::string folder_;
    config::Config config_;
    testing::FakeClock clock_;
    testing::SeededRandom random_;
    std::atomic<int> tokens_{0}, good_from_{1};
    std::atomic<bool> down_{false};
    std::vector<std::size_t> opened_with_;
    testing::FakeTransport transport_{[this](const auto& request) { return answer_to(request); }};
};

TEST_F(PeersTest, OneDoorIsOpenedForAllConversations) {
    const Peers peers = this->peers();
    EXPECT_TRUE(opened_with_.empty()) << "an institution that nobody asks costs nothing";
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(read(*peers.source("general")).ok());
        EXPECT_TRUE(peers.source("general")->capability(call()).ok());
    }
    EXPECT_EQ(opened_with_.size(), 1u);
    EXPECT_EQ(asked("smart-configuration"), 1u);
    EXPECT_EQ(asked("/token"), 1u);
    EXPECT_EQ(asked("/metadata"), 1u);
}

// Eight requests are under way when the token dies: it is renewed once, not eight times.
TEST_F(PeersTest, RefusedTokenIsRenewedOnceForAllThreads) {
    const Peers peers = this->peers();
    Peer& peer = *peers.source("general");
    ASSERT_TRUE(read(peer).ok());
    fhir::FhirClient& client = **peer.client();
    transport_.hold();
    std::vector<std::future<Result<fhir::FhirResponse>>> under_way;
    for (int i = 0; i < 8; ++i)
        under_way.push_back(client.start_get(client.base().below("Patient/1"), call()));
    good_from_ = 2;
    transport_.let_go();
    std::vector<std::jthread> threads;
    std::atomic<int> served{0};
    for (auto& one : under_way) threads.emplace_back([&] { served += one.get().ok() ? 1 : 0; });
    threads.clear();
    EXPECT_EQ(served, 8);
    EXPECT_EQ(tokens_, 2);
}

TEST_F(PeersTest, TwoInstitutionsAtOneOriginShareNoToken) {
    const Peers peers = this->peers();
    for (const char* name : {"general", "clinic", "general"})
        ASSERT_TRUE(read(*peers.source(name)).ok());
    std::vector<std::string> sent;
    for (const fhir::HttpRequest& request : transport_.requests())
        if (request.url.path().ends_with("Patient/1"))
            sent.emplace_back(*request.headers.find("Authorization"));
    EXPECT_EQ(sent, (std::vector<std::string>{"Bearer 1", "Bearer 2", "Bearer 1"}));
    EXPECT_EQ(opened_with_.size(), 2u);
}

// A step that has begun under the old configuration ends with the old door and the old token.
TEST_F(PeersTest, NewConfigurationHasPeersOfItsOwnBesideTheOldOnes) {
    const auto old = std::make_unique<Peers>(config_, tools());
    ASSERT_TRUE(read(*old->source("general")).ok());
    const Peers next = peers();
    ASSERT_TRUE(read(*next.source("general")).ok());
    ASSERT_TRUE(read(*old->source("general")).ok());
    EXPECT_EQ(transport_.requests().back().headers.find("Authorization"), "Bearer 1");
    EXPECT_EQ(tokens_, 2);
}

TEST_F(PeersTest, CapabilityIsAskedForAgainAfterAnHourOrWhenItIsNotTrue) {
    const Peers peers = this->peers();
    Peer& peer = *peers.source("general");
    ASSERT_TRUE(peer.capability(call()).ok());
    clock_.advance(std::chrono::minutes(59));
    ASSERT_TRUE(peer.capability(call()).ok());
    EXPECT_EQ(asked("/metadata"), 1u);
    clock_.advance(std::chrono::minutes(2));
    ASSERT_TRUE(peer.capability(call()).ok());
    EXPECT_EQ(asked("/metadata"), 2u);
    EXPECT_EQ(read(peer, "gone").error().kind(), ErrorKind::NotFound);
    ASSERT_TRUE(peer.capability(call()).ok());
    EXPECT_EQ(asked("/metadata"), 3u);
}

TEST_F(PeersTest, ErrorSaysWithWhichSideItIs) {
    down_ = true;
    const Peers peers = this->peers();
    EXPECT_EQ(read(*peers.source("general")).error().text("side")->view(), "source");
    EXPECT_EQ(read(*peers.destination("center")).error().text("side")->view(), "destination");
    EXPECT_EQ(peers.source("general")->key().view(), "general");
    EXPECT_EQ(peers.source("general")->address().view(), "ehr.example:443");
    EXPECT_EQ(peers.destination("center")->address().view(), "[2001:db8::1]:8443");
    EXPECT_EQ(peers.source("unknown"), nullptr);
}

TEST_F(PeersTest, HealthCountsFailuresInARowAndKnowsTheLastAnswer) {
    const Peers peers = this->peers();
    Peer& peer = *peers.source("general");
    ASSERT_TRUE(read(peer).ok());
    const MonotonicTime well = clock_.monotonic_now();
    clock_.advance(std::chrono::minutes(1));
    down_ = true;
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(read(peer).ok());
    EXPECT_EQ(peer.health().failures, 3u);
    EXPECT_EQ(peer.health().answered, well);
    down_ = false;
    EXPECT_FALSE(read(peer, "gone").ok());  // "no" is an answer
    EXPECT_EQ(peer.health().failures, 0u);
    EXPECT_EQ(peer.health().answered, clock_.monotonic_now());
}

// A file that cannot be read is told, and read again when somebody has mended it.
TEST_F(PeersTest, KeyThatIsMendedOpensTheDoor) {
    const std::string key = config_.sources["general"].auth.key_file;
    ::chmod(key.c_str(), 0644);
    const Peers peers = this->peers();
    EXPECT_EQ(read(*peers.source("general")).error().kind(), ErrorKind::Config);
    ::chmod(key.c_str(), 0600);
    EXPECT_TRUE(read(*peers.source("general")).ok());
}

// What a source's operators agreed to is a number for all that we do there; sends do not wait for
// each other.
TEST_F(PeersTest, RequestsAtOnceAreLimitedForEachInstitution) {
    config_.sources["general"].pull.parallel = 3;
    config_.limits.transfers = 17;
    const Peers peers = this->peers();
    ASSERT_TRUE(peers.source("general")->client().ok());
    ASSERT_TRUE(peers.destination("center")->client().ok());
    EXPECT_EQ(opened_with_, (std::vector<std::size_t>{3, 17}));
}

// A list has thousands: who is not asked for costs nothing, and those who are share one way out.
TEST_F(PeersTest, WhatAListHasIsMadeWhenItIsAskedForAndGoesOneWay) {
    config::Directory list{.key = "list"};
    list.auth = {.type = config::Auth::Type::SmartPatient, .client_id = "us"};
    fhir::UserAccessBrands brands;
    std::vector<std::string> keys;
    for (const char* base : {"https://one.example/fhir", "https://two.example/fhir"}) {
        brands.endpoints.push_back({url(base), base});
        keys.push_back(config::source_key_of(url(base)));
    }
    config::take_brands(list, std::move(brands));
    config_.directories.emplace("list", std::move(list));
    const Peers peers = this->peers();
    Peer* const one = peers.source(keys[0]);
    Peer* const two = peers.source(keys[1]);
    ASSERT_NE(one, nullptr);
    EXPECT_EQ(one->base().host(), "one.example");
    EXPECT_EQ(two->base().host(), "two.example");
    EXPECT_EQ(peers.source(keys[0]), one) << "with all that it knows";
    EXPECT_TRUE(opened_with_.empty());
    ASSERT_TRUE(one->client().ok());
    ASSERT_TRUE(two->client().ok());
    EXPECT_EQ(opened_with_.size(), 1u);
    EXPECT_EQ(peers.source("at-00000000000000000000"), nullptr);
}

class PeersOfTransfersTest : public testing::HospitalPair {
protected:
    std::size_t asked(const std::vector<std::string>& lines, const std::string& what) {
        std::size_t count = 0;
        for (const std::string& line : lines) count += line.find(what) != std::string::npos ? 1 : 0;
        return count;
    }
};

TEST_F(PeersOfTransfersTest, TransfersShareWhatIsKnownOfTheirHospitals) {
    for (int i = 0; i < 3; ++i) {
        ask();
        ASSERT_EQ(run_until(TransferState::Delivered), TransferState::Delivered);
    }
    EXPECT_EQ(transports_made, 2);
    EXPECT_EQ(asked(source_log, "/metadata"), 1u);
    EXPECT_EQ(asked(destination_log, "/metadata"), 1u);
}

TEST_F(PeersOfTransfersTest, HeldTransferNamesTheSideThatItStandsWith) {
    source.fail("Patient/anna", 403, 1);
    ask();
    ASSERT_EQ(run_until(TransferState::Delivered), TransferState::Held);
    EXPECT_EQ(transfer().reason, "forbidden");
    EXPECT_EQ(why(transfer()), "forbidden: source general (ehr.example:443)");
    // Between the names of the operator who asked.
    EXPECT_EQ(log.names,
              (std::vector<std::string>{"it-desk", "general", "ehr.example:443", "it-desk"}));
    destination_says = [](const fhir::HttpRequest&) { return Answer(refusal(503)); };
    ASSERT_TRUE(store->change(TransferState::Held, retried(transfer(), clock.now()).value()).ok());
    EXPECT_EQ(why(transfer()), "");
    ASSERT_EQ(run_until(TransferState::Delivered), TransferState::Held);
    EXPECT_EQ(why(transfer()), "unavailable: destination center (center.example:443)");
}

TEST_F(PeersOfTransfersTest, ReasonOfOurOwnNamesNobody) {
    order.consent = consent("active", R"({"type":"deny"})");
    ask();
    ASSERT_EQ(run_until(TransferState::Delivered), TransferState::Held);
    EXPECT_EQ(why(transfer()), "consent");
    EXPECT_EQ(transfer().peer_side, "");
}

}  // namespace
}  // namespace consultd
