// The HTTP server over TLS: who it is, and who its clients are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/adapter/web/server/server_fixture.h"

namespace consultd::web {
namespace {

using testing::Certificates;
using ::testing::HasSubstr;
using testing::RawClient;

class TlsServerTest : public ServerTest {
protected:
    void start_tls(bool required) {
        ASSERT_TRUE(certificates_.made()) << "the openssl program is needed";
        ServerOptions options;
        options.tls = ServerTls{certificates_.file("server.pem"), certificates_.file("server.key"),
                                certificates_.file("ca.pem"), required};
        start(options);
    }
    const Certificates certificates_;
};

TEST_F(TlsServerTest, AClientCertificateNamesItsHolder) {
    start_tls(false);
    RawClient client(server_->port(), certificates_.folder(), true);
    ASSERT_TRUE(client.connected());
    EXPECT_THAT(client.ask("GET /s HTTP/1.1\r\n" + host + "\r\n"),
                HasSubstr("GET /s [] 0 CN=it-desk,O=General"));
}

TEST_F(TlsServerTest, AKeyThatOthersMayReadStopsTheStart) {
    ASSERT_TRUE(certificates_.made()) << "the openssl program is needed";
    ServerOptions options;
    options.tls =
        ServerTls{certificates_.file("server.pem"), certificates_.file("server.key"), "", false};
    std::filesystem::permissions(options.tls->key_file, std::filesystem::perms(0640));
    const auto handler = [](const ServerRequest&) { return ServerResponse{}; };
    EXPECT_EQ(Server::start(options, handler).error().kind(), ErrorKind::Config);
    std::filesystem::permissions(options.tls->key_file, std::filesystem::perms(0600));
    EXPECT_TRUE(Server::start(options, handler).ok());
}

TEST_F(TlsServerTest, WithoutACertificateThereIsNoHolder) {
    start_tls(false);
    RawClient client(server_->port(), certificates_.folder());
    const std::string answer =
        client.ask("GET /s HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n");
    EXPECT_TRUE(answer.ends_with("GET /s [] 0")) << answer;
}

TEST_F(TlsServerTest, ADemandedCertificateIsDemanded) {
    start_tls(true);
    RawClient client(server_->port(), certificates_.folder());
    EXPECT_EQ(client.ask("GET /s HTTP/1.1\r\n" + host + "\r\n"), "");
}

TEST_F(TlsServerTest, PlainTextOnATlsPortIsNotAnswered) {
    start_tls(false);
    EXPECT_EQ(ask("GET /s HTTP/1.1\r\n" + host + "\r\n").find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(TlsServerTest, ALargeAnswerToALargeRequestComesWhole) {
    start_tls(false);
    RawClient client(server_->port(), certificates_.folder());
    const std::string body(5'000'000, 'b');
    EXPECT_THAT(
        client.ask("POST /l HTTP/1.1\r\n" + host + "Content-Length: 5000000\r\n\r\n" + body),
        HasSubstr("POST /l [] 5000000"));
}

}  // namespace
}  // namespace consultd::web
