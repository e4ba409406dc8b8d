// What HttpTransport promises of TLS: whom it talks to, and that it tells why it does not.
#include <gtest/gtest.h>

#include "tests/fhir/client/http_contract.h"

namespace consultd::fhir {
namespace {

using namespace std::chrono_literals;
using testing::CertificateSpec;
using testing::EvilPeer;
using testing::EvilServer;
using testing::http_answer;
using testing::ServerTls;

class Initialized : public ::testing::Environment {
    void SetUp() override { initialize_http(); }
};
const auto* const initialized = ::testing::AddGlobalTestEnvironment(new Initialized);

class HttpTlsContract : public HttpContractTest {
protected:
    static void answer(EvilPeer& peer) {
        while (peer.read_request())
            if (!peer.write(http_answer("{}"))) return;
    }
    EvilServer server_with(const CertificateSpec& spec) {
        return EvilServer(answer, ServerTls{authority_.issue(spec), "", false});
    }
    static std::string refusal(const Result<HttpResponse>& result) {
        if (result.ok()) return "none";
        EXPECT_EQ(result.error().kind(), ErrorKind::Forbidden) << result.error().message();
        for (const Error::Detail& detail : result.error().details())
            if (detail.name.view() == "tls") return std::string(detail.text.view());
        return "untold";
    }
};

TEST_P(HttpTlsContract, TalksToTheServerThatTheCertificateNames) {
    EvilServer by_name = server_with({});
    EXPECT_EQ(refusal(get(by_name.url())), "none");
    EvilServer by_address = server_with({.names = {"IP:127.0.0.1"}});
    EXPECT_EQ(refusal(get(by_address.url("/", "127.0.0.1"))), "none");
}

TEST_P(HttpTlsContract, TalksToTheIpv6AddressThatTheCertificateNames) {
    if (!EvilServer::has_ipv6()) GTEST_SKIP() << "no IPv6 here";
    const auto refusal_at = [&](const CertificateSpec& spec) {
        EvilServer server(answer, ServerTls{authority_.issue(spec), "", false},
                          EvilServer::Loopback::V6);
        return refusal(get(server.url("/", "[::1]")));
    };
    EXPECT_EQ(refusal_at({.names = {"IP:::1"}}), "none");
    EXPECT_EQ(refusal_at({.names = {"IP:::2", "DNS:localhost"}}), "hostname mismatch");
    EXPECT_EQ(refusal_at({.names = {}, .common_name = "::1"}), "hostname mismatch");
}

TEST_P(HttpTlsContract, RefusesACertificateForAnotherName) {
    EvilServer other = server_with({.names = {"DNS:other.example"}});
    EXPECT_EQ(refusal(get(other.url())), "hostname mismatch");
    EvilServer by_name = server_with({.names = {"DNS:127.0.0.1", "DNS:localhost"}});
    EXPECT_EQ(refusal(get(by_name.url("/", "127.0.0.1"))), "hostname mismatch");
    EXPECT_EQ(refusal(post(other.url())), "hostname mismatch");
}

TEST_P(HttpTlsContract, RefusesACertificateWhoseCommonNameAloneFits) {
    EvilServer no_san = server_with({.names = {}, .common_name = "localhost"});
    EXPECT_EQ(refusal(get(no_san.url())), "hostname mismatch");
    EvilServer other_san = server_with({.names = {"DNS:foo.example"}, .common_name = "localhost"});
    EXPECT_EQ(refusal(get(other_san.url())), "hostname mismatch");
}

TEST_P(HttpTlsContract, RefusesSelfSignedExpiredAndUnknownIssuers) {
    EvilServer self_signed = server_with({.self_signed = true});
    EXPECT_EQ(refusal(get(self_signed.url())), "self-signed certificate");
    EvilServer expired = server_with({.from_hours = -30, .to_hours = -1});
    EXPECT_EQ(refusal(get(expired.url())), "certificate expired");
    const testing::TestAuthority another;
    EvilServer unknown(answer, ServerTls{another.issue(), "", false});
    EXPECT_EQ(refusal(get(unknown.url())), "untrusted issuer");
}

TEST_P(HttpTlsContract, RefusesTls11) {
    EvilServer old(answer, ServerTls{authority_.issue(), "", true});
    EXPECT_EQ(refusal(get(old.url())), "protocol version");
}

TEST_P(HttpTlsContract, ShowsItsClientCertificateAndTellsWhenOneIsWanted) {
    EvilServer server(answer, ServerTls{authority_.issue(), authority_.root(), false});
    EXPECT_EQ(refusal(get(server.url())), "client certificate refused");
    // Nothing was applied: a write that was refused so is not uncertain.
    EXPECT_EQ(refusal(post(server.url())), "client certificate refused");

    const auto client = authority_.issue({.names = {"DNS:client.example"}});
    options_.certificate_file = files_.write("client.pem", client.certificate);
    options_.key_file = files_.write("client.key", client.key);
    remake();
    EXPECT_EQ(refusal(get(server.url())), "none");
}

TEST_P(HttpTlsContract, FilesThatCannotBeUsedAreToldAtOnce) {
    const auto one = authority_.issue();
    const auto two = authority_.issue();
    HttpOptions options = options_;
    options.ca_file = files_.write("empty.pem", "");
    EXPECT_EQ(GetParam()(options, clock_).error().kind(), ErrorKind::Config);
    options = options_;
    options.certificate_file = files_.write("one.pem", one.certificate);
    options.key_file = files_.write("two.key", two.key);
    EXPECT_EQ(GetParam()(options, clock_).error().kind(), ErrorKind::Config);
    options.key_file = files_.write("no.key", "no key");
    EXPECT_EQ(GetParam()(options, clock_).error().kind(), ErrorKind::Config);
}

TEST_P(HttpTlsContract, BodyWithoutLengthThatIsCutIsAnError) {
    EvilServer server(
        [](EvilPeer& peer) {
            peer.read_request();
            peer.write("HTTP/1.1 200 OK\r\n\r\n{}");
            peer.abandon();
        },
        ServerTls{authority_.issue(), "", false});
    const auto response = get(server.url());
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind(), ErrorKind::Unavailable);
}

// One chunk of a gigabyte, one of no size at all, a header without an end: none of it is a body
// yet, so the limit of the body does not stop it.
TEST_P(HttpTlsContract, WhatIsReadBeforeTheBodyIsLimitedToo) {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    const PeakMemory memory;
    for (const std::string& head : {chunked + "40000000\r\n", chunked + "-5\r\n", ok + "X: "}) {
        std::atomic<std::size_t> sent{0};
        EvilServer server(
            [&](EvilPeer& peer) {
                const std::string block(64 << 10, 'x');
                if (!peer.read_request() || !peer.write(head)) return;
                while (sent < 300'000'000 && peer.write(block)) sent += block.size();
            },
            ServerTls{authority_.issue(), "", false});
        HttpRequest request = to(server.url());
        request.response_bytes_max = 1 << 20;
        const auto response = send(std::move(request));
        ASSERT_FALSE(response.ok()) << head;
        EXPECT_EQ(response.error().kind(), ErrorKind::TooLarge) << head;
        EXPECT_LT(sent, 100'000'000U) << head;
    }
    EXPECT_LT(memory.grown_mib(), 60);
}

TEST_P(HttpTlsContract, WriteWhoseAnswerIsLostHasOneEffect) {
    std::atomic<int> effects{0};
    EvilServer server(
        [&](EvilPeer& peer) {
            while (const auto request = peer.read_request()) {
                if (request->rfind("POST", 0) == 0 && ++effects != 0) return;
                peer.write(http_answer("{}"));
            }
        },
        ServerTls{authority_.issue(), "", false});
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(get(server.url()).ok());
    const auto response = post(server.url());
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind(), ErrorKind::Uncertain);
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(effects, 1);
}

TEST_P(HttpTlsContract, ServerThatStallsInTheHandshakeIsGivenUp) {
    options_.connect_timeout = 100ms;
    remake();
    EvilServer silent([](EvilPeer& peer) { peer.wait(10s); });  // speaks no TLS
    const auto begun = std::chrono::steady_clock::now();
    const auto response = post("https://localhost:" + std::to_string(silent.port()) + "/");
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind(), ErrorKind::Unavailable) << "nothing was sent";
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

INSTANTIATE_TEST_SUITE_P(Cpprest, HttpTlsContract, ::testing::Values(&make_http_transport));

}  // namespace
}  // namespace consultd::fhir
