// The HTTP server against clients that are slow, large, ambiguous or many.
#include "adapter/web/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

#include "tests/adapter/web/server/server_fixture.h"

namespace consultd::web {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::RawClient;
using ::testing::StartsWith;

TEST_F(ServerTest, ARequestReachesTheHandlerDecodedAndItsAnswerTheClient) {
    start();
    const std::string answer =
        ask("POST /a%20b/../c?x=%31 HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\n\r\nPOST /a b/../c [x=%31] 3"));
}

TEST_F(ServerTest, RequestsOnOneConnectionAreAnsweredInOrder) {
    start();
    RawClient client = connect();
    client.send("GET /1 HTTP/1.1\r\n" + host + "\r\nGET /2 HTTP/1.1\r\n" + host +
                "Connection: close\r\n\r\n");
    const std::string answers = client.read_all();
    EXPECT_LT(answers.find("GET /1"), answers.find("GET /2"));
    EXPECT_NE(answers.find("GET /2"), std::string::npos);
}

TEST_F(ServerTest, AChunkedBodyIsPutTogether) {
    start();
    EXPECT_THAT(ask("POST /c HTTP/1.1\r\n" + host +
                    "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n"),
                HasSubstr("POST /c [] 6"));
}

TEST_F(ServerTest, AnExpectationIsAnsweredBeforeTheBodyComes) {
    start();
    RawClient client = connect();
    client.send("PUT /e HTTP/1.1\r\n" + host + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_THAT(client.ask("ab"), HasSubstr("PUT /e [] 2"));
}

// Shapes that a proxy before us and we could cut into different requests (RFC 9112 §11.2).
TEST_F(ServerTest, WhatCouldBeReadInTwoWaysIsRefused) {
    start();
    const std::string post = "POST / HTTP/1.1\r\n" + host;
    const std::string get = "GET / HTTP/1.1\r\n";
    for (const std::string& shape : {
             post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
             post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
             post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
             post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
             post + "Content-Length: abc\r\n\r\n",
             post + "Content-Length: -1\r\n\r\n",
             post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
             post + "Transfer-Encoding: chunked\r\n\r\n-5\r\n",
             "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + std::string(),
             get + "\r\n",
             get + host + host + "\r\n",
             get + host + "X: a\r\n folded\r\n\r\n",
             get + host + "X : a\r\n\r\n",
             get + host + "A: b\nTransfer-Encoding: chunked\r\n\r\n",
             get + host + std::string("X: a\0b\r\n\r\n", 10),
             get + host + "Authorization: a\r\nAuthorization: b\r\n\r\n",
             "GET /%zz HTTP/1.1\r\n" + host + "\r\n",
             "GET /a%2Fb HTTP/1.1\r\n" + host + "\r\n",
             "GET /a%00 HTTP/1.1\r\n" + host + "\r\n",
             "GET noslash HTTP/1.1\r\n" + host + "\r\n",
             "GET / HTTP/9.9\r\n" + host + "\r\n",
         })
        EXPECT_THAT(ask(shape), StartsWith("HTTP/1.1 400 ")) << shape;
}

TEST_F(ServerTest, AHeaderOverTheLimitIsRefused) {
    start();
    EXPECT_THAT(ask("GET / HTTP/1.1\r\n" + host + "X: " + std::string(20'000, 'a') + "\r\n\r\n"),
                StartsWith("HTTP/1.1 431 "));
    std::string many = "GET / HTTP/1.1\r\n" + host;
    for (int i = 0; i < 101; ++i) many += "A: b\r\n";
    EXPECT_THAT(ask(many + "\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerTest, ABodyOverTheLimitIsRefusedBeforeItIsRead) {
    ServerOptions options;
    options.body_bytes_max = 1000;
    start(options);
    EXPECT_THAT(ask("POST / HTTP/1.1\r\n" + host + "Content-Length: 1001\r\n\r\n"),
                StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(ask("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                    std::string(1001, 'a') + "\r\n0\r\n\r\n"),
                StartsWith("HTTP/1.1 413 "));
}

// A stranger's body is not even read: 4096 connections of ten megabytes would be forty gigabytes.
TEST_F(ServerTest, ABodyIsReadOnlyOfThoseWhoMaySendOne) {
    ServerOptions options;
    options.before_body = [](const ServerRequest& request) -> std::optional<ServerResponse> {
        if (request.header("Authorization") == "Bearer known") return std::nullopt;
        return ServerResponse{401, {}, "who is it " + request.path, false};
    };
    start(options);
    for (const char* framing :
         {"Content-Length: 5\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"}) {
        RawClient stranger = connect();
        stranger.send("POST /p HTTP/1.1\r\n" + host + "Expect: 100-continue\r\n" + framing);
        const std::string answer = stranger.read_all();
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
        EXPECT_TRUE(answer.ends_with("who is it /p")) << answer;
    }
    EXPECT_THAT(ask("POST /p HTTP/1.1\r\n" + host +
                    "Authorization: Bearer known\r\nContent-Length: 2\r\n\r\nab"),
                HasSubstr("POST /p [] 2"));
    EXPECT_THAT(ask("GET /g HTTP/1.1\r\n" + host + "\r\n"), HasSubstr("GET /g [] 0"));
}

TEST_F(ServerTest, AClientThatDripsItsHeaderIsCutOff) {
    ServerOptions options;
    options.header_timeout = milliseconds(300);
    start(options);
    RawClient client = connect();
    client.send("GET / HTTP/1.1\r\n");
    const auto before = std::chrono::steady_clock::now();
    std::jthread drip([&client](const std::stop_token& stop) {
        while (!stop.stop_requested() && client.send("X: y\r\n"))
            std::this_thread::sleep_for(milliseconds(50));
    });
    EXPECT_EQ(client.read_all(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
}

// Empty lines may stand before a request (RFC 9112 §2.2); they are dropped as they come.
TEST_F(ServerTest, AClientThatSendsEmptyLinesOnlyIsCutOff) {
    ServerOptions options;
    options.header_timeout = milliseconds(300);
    start(options);
    RawClient client = connect();
    const auto before = std::chrono::steady_clock::now();
    std::jthread drip([&client](const std::stop_token& stop) {
        while (!stop.stop_requested() && client.send("\r\n"))
            std::this_thread::sleep_for(milliseconds(50));
    });
    EXPECT_EQ(client.read_all(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
}

TEST_F(ServerTest, ABodyThatNeverComesIsCutOff) {
    ServerOptions options;
    options.body_timeout = milliseconds(200);
    start(options);
    RawClient client = connect();
    client.send("POST / HTTP/1.1\r\n" + host + "Content-Length: 10\r\n\r\nabc");
    EXPECT_EQ(client.read_all(), "");
}

TEST_F(ServerTest, AThrowingHandlerTellsNothing) {
    start();
    const std::string answer = ask("GET /throw HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
    EXPECT_EQ(answer.find("secret"), std::string::npos);
}

TEST_F(ServerTest, AHeaderThatWouldBreakOutIsNotSent) {
    start();
    const std::string answer = ask("GET /split HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
    EXPECT_EQ(answer.find("Set-Cookie"), std::string::npos);
}

TEST_F(ServerTest, ADroppedAnswerIsAClosedConnection) {
    start();
    RawClient client = connect();
    client.send("GET /drop HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(client.read_all(), "");
}

TEST_F(ServerTest, AHeadRequestGetsTheLengthAndNoBody) {
    start();
    RawClient client = connect();
    client.send("HEAD /h HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n");
    const std::string answer = client.read_all();
    EXPECT_THAT(answer, HasSubstr("Content-Length: 12\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, MoreThanCanWaitIsToldToComeBack) {
    ServerOptions options;
    options.handler_threads = 1;
    options.queue_length_max = 1;
    start(options);
    RawClient working = connect(), queued = connect();
    working.send("GET /wait HTTP/1.1\r\n" + host + "\r\n");
    await_waiting(1);
    queued.send("GET /wait HTTP/1.1\r\n" + host + "\r\n");
    std::string refused;
    // The queued one has arrived when a third is refused.
    for (int i = 0; i < 100 && !refused.starts_with("HTTP/1.1 503"); ++i) {
        RawClient third = connect();
        third.send("GET /wait HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n");
        refused = third.read_answer();
    }
    EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(refused, HasSubstr("Retry-After: "));
    release();
    EXPECT_THAT(working.read_answer(), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(queued.read_answer(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, StoppingAnswersWhatHasBegunAndTakesNothingNew) {
    start();
    RawClient idle = connect();
    EXPECT_THAT(idle.ask("GET /1 HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 200 "));
    RawClient busy = connect();
    busy.send("GET /wait HTTP/1.1\r\n" + host + "\r\n");
    await_waiting(1);
    const std::uint16_t port = server_->port();
    std::jthread stopping([this] { server_->stop(std::chrono::seconds(10)); });
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_FALSE(RawClient(port).connected());
    release();
    const std::string answer = busy.read_all();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
}

TEST_F(ServerTest, TwoThousandIdleConnectionsDoNotStopOthers) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 5000) GTEST_SKIP() << "too few file descriptors";
    ServerOptions options;
    options.connections_max = 1000;
    start(options);
    std::vector<RawClient> idle;
    for (int i = 0; i < 2000; ++i) {
        idle.push_back(connect());
        ASSERT_TRUE(idle.back().connected());
    }
    const auto before = std::chrono::steady_clock::now();
    EXPECT_THAT(ask("GET /x HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 200 "));
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
}

// With 1024 descriptors, as a login has them, 4096 connections would take the last one.
TEST_F(ServerTest, ACrowdLeavesHalfOfTheDescriptorsToTheProcess) {
    rlimit before{}, tight{};
    getrlimit(RLIMIT_NOFILE, &before);
    tight = before;
    tight.rlim_cur = 80;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
    start();
    setrlimit(RLIMIT_NOFILE, &before);  // for the clients, who are in this process
    std::vector<RawClient> crowd;
    for (int i = 0; i < 45; ++i) crowd.push_back(connect());
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(crowd.front().read_all(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(4)) << "it made room";
    EXPECT_THAT(crowd.back().ask("GET /x HTTP/1.1\r\n" + host + "\r\n"),
                StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, OneAddressCannotTakeAllConnections) {
    ServerOptions options;
    options.connections_per_address_max = 2;
    start(options);
    RawClient first = connect(), second = connect();
    EXPECT_THAT(first.ask("GET /1 HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(second.ask("GET /2 HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(ask("GET /3 HTTP/1.1\r\n" + host + "\r\n"), "");
}

TEST_F(ServerTest, AnAddressThatIsNoneAndAPortThatIsTakenAreToldApart) {
    ServerOptions options;
    options.address = "localhost";
    const auto handler = [](const ServerRequest&) { return ServerResponse{}; };
    EXPECT_EQ(Server::start(options, handler).error().kind(), ErrorKind::Config);
    start();
    options.address = "127.0.0.1";
    options.port = server_->port();
    EXPECT_EQ(Server::start(options, handler).error().kind(), ErrorKind::Unavailable);
}

}  // namespace
}  // namespace consultd::web
