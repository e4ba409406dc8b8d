// What HttpTransport promises, against a server that misbehaves: connections, framing, time. Any
// implementation can be put into the list at the end. http_body_contract_test.cpp has bodies and
// headers, http_write_contract_test.cpp writes, http_tls_contract_test.cpp TLS.
#include "tests/fhir/client/http_contract.h"

#include <gtest/gtest.h>

namespace consultd::fhir {
namespace {

using namespace std::chrono_literals;
using testing::EvilPeer;
using testing::EvilServer;
using testing::http_answer;

class HttpContract : public HttpContractTest {};

TEST_P(HttpContract, BringsStatusHeadersAndBody) {
    EvilServer server(always(http_answer("{}", "ETag: W/\"1\"\r\n", "201 Created")));
    const auto response = get(server.url("/fhir"));
    ASSERT_TRUE(response.ok()) << response.error().message();
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->body, "{}");
    EXPECT_EQ(response->headers.find("etag"), "W/\"1\"");
}

TEST_P(HttpContract, SendsTheRequestAsItWasGiven) {
    std::string seen;
    EvilServer server([&](EvilPeer& peer) {
        while (const auto request = peer.read_request()) {
            seen = *request;
            peer.write(http_answer("{}"));
        }
    });
    HttpRequest request =
        to(server.url("/fhir/Observation?code=http%3A%2F%2Floinc.org%7C1&_a=%2B"));
    request.method = "POST";
    request.headers.add("Content-Type", "application/fhir+json").add("Authorization", "Bearer t");
    request.body = "{\"a\":\"\xc3\xa9\"}";
    ASSERT_TRUE(send(std::move(request)).ok());
    EXPECT_EQ(seen.substr(0, seen.find("\r\n")),
              "POST /fhir/Observation?code=http%3A%2F%2Floinc.org%7C1&_a=%2B HTTP/1.1");
    EXPECT_NE(seen.find("\r\nHost: localhost:" + std::to_string(server.port())), std::string::npos);
    EXPECT_NE(seen.find("\r\nAccept-Encoding:gzip\r\n"), std::string::npos);
    EXPECT_NE(seen.find("\r\nContent-Type:application/fhir+json\r\n"), std::string::npos);
    EXPECT_NE(seen.find("\r\nAuthorization:Bearer t\r\n"), std::string::npos);
    EXPECT_EQ(seen.substr(seen.find("\r\n\r\n") + 4), "{\"a\":\"\xc3\xa9\"}");
}

TEST_P(HttpContract, ReachesAnIpv6Address) {
    if (!EvilServer::has_ipv6()) GTEST_SKIP() << "no IPv6 here";
    std::string seen;
    EvilServer server(
        [&](EvilPeer& peer) {
            while (const auto request = peer.read_request()) {
                seen = *request;
                peer.write(http_answer("{}"));
            }
        },
        std::nullopt, EvilServer::Loopback::V6);
    for (int i = 0; i < 3; ++i) {
        const auto response = get(server.url("/fhir", "[::1]"));
        ASSERT_TRUE(response.ok()) << response.error().message();
    }
    EXPECT_NE(seen.find("\r\nHost:[::1]:" + std::to_string(server.port()) + "\r\n"),
              std::string::npos)
        << seen;
    EXPECT_EQ(seen.find("Host"), seen.rfind("Host"));
}

TEST_P(HttpContract, RefusesHeadersThatAreNotFitForTheWire) {
    EvilServer server(always(http_answer("{}")));
    const std::pair<const char*, const char*> bad[] = {
        {"X-A", "one\r\nX-B: two"}, {"X A", "one"},          {"", "one"},
        {"Host", "other.example"},  {"content-length", "5"}, {"Transfer-Encoding", "chunked"}};
    for (const auto& [name, value] : bad) {
        HttpRequest request = to(server.url());
        request.headers.add(name, value);
        EXPECT_EQ(kind_of(send(std::move(request))), ErrorKind::Malformed) << name;
    }
    EXPECT_EQ(server.connections(), 0);
}

TEST_P(HttpContract, BodyCutShortIsAnError) {
    const std::string half =
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(500, 'x');
    EvilServer fin(once(half));
    EXPECT_EQ(kind_of(get(fin.url())), ErrorKind::Unavailable);
    EvilServer rst([&](EvilPeer& peer) {
        peer.read_request();
        peer.write(half);
        peer.wait(30ms);
        peer.reset();
    });
    EXPECT_EQ(kind_of(get(rst.url())), ErrorKind::Unavailable);
}

TEST_P(HttpContract, ChunksCutShortAreAnError) {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EvilServer inside(once(head + "10\r\nhalf"));
    EXPECT_EQ(kind_of(get(inside.url())), ErrorKind::Unavailable);
    EvilServer between(once(head + "4\r\nhalf\r\n"));
    EXPECT_EQ(kind_of(get(between.url())), ErrorKind::Unavailable);
    EvilServer broken(once(head + "zz\r\nhalf\r\n0\r\n\r\n"));
    EXPECT_EQ(kind_of(get(broken.url())), ErrorKind::Malformed);
}

TEST_P(HttpContract, ChunkedBodyIsPutTogether) {
    EvilServer server(
        once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
             "3\r\none\r\n3;x=y\r\ntwo\r\n0\r\nTrailer: t\r\n\r\n"));
    const auto response = get(server.url());
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->body, "onetwo");
}

// RFC 9112 §6.3: without a length the body ends with the connection. Over TLS a cut is noticed
// (http_tls_contract_test.cpp); without TLS, which we allow on loopback alone, it cannot be.
TEST_P(HttpContract, BodyWithoutLengthEndsWithTheConnection) {
    EvilServer server(once("HTTP/1.1 200 OK\r\n\r\n{}"));
    const auto response = get(server.url());
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->body, "{}");
    EvilServer reset([](EvilPeer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\n\r\n{");
        peer.wait(30ms);
        peer.reset();
    });
    EXPECT_EQ(kind_of(get(reset.url())), ErrorKind::Unavailable);
}

TEST_P(HttpContract, ServerThatNeverAnswersEndsByTheDeadline) {
    EvilServer server([](EvilPeer& peer) {
        peer.read_request();
        peer.wait(10s);
    });
    expect_ends_by_deadline(server.url());
}

TEST_P(HttpContract, SlowDripEndsByTheDeadlineWhereverItDrips) {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const auto drip = [](std::string first, std::string piece) {
        return [first, piece](EvilPeer& peer) {
            peer.read_request();
            peer.write(first);
            while (peer.write(piece) && peer.wait(20ms)) continue;
        };
    };
    EvilServer headers(drip("HTTP/1.1 200 OK\r\n", "X-A: b\r\n"));
    expect_ends_by_deadline(headers.url());
    EvilServer body(drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x"));
    expect_ends_by_deadline(body.url());
    EvilServer within_chunk(drip(chunked + "FFFF\r\n", "x"));
    expect_ends_by_deadline(within_chunk.url());
    EvilServer between_chunks(drip(chunked, "1\r\nx\r\n"));
    expect_ends_by_deadline(between_chunks.url());
}

TEST_P(HttpContract, ServerSilentForTheIdleTimeoutIsGivenUp) {
    options_.idle_timeout = 100ms;
    remake();
    EvilServer server([](EvilPeer& peer) {
        peer.read_request();
        peer.wait(10s);
    });
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(kind_of(get(server.url())), ErrorKind::Unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

TEST_P(HttpContract, StopEndsTheExchangeSoon) {
    EvilServer server([](EvilPeer& peer) {
        peer.read_request();
        peer.wait(10s);
    });
    std::stop_source source;
    auto future = transport_->start(to(server.url()), source.get_token());
    std::this_thread::sleep_for(50ms);
    const auto begun = std::chrono::steady_clock::now();
    source.request_stop();
    EXPECT_EQ(kind_of(future.get()), ErrorKind::Cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
    EXPECT_EQ(kind_of(transport_->send(to(server.url()), source.get_token())),
              ErrorKind::Cancelled);
}

TEST_P(HttpContract, EndsWithExchangesGoingOn) {
    EvilServer server([](EvilPeer& peer) {
        peer.read_request();
        peer.wait(10s);
    });
    std::vector<std::future<Result<HttpResponse>>> futures;
    for (int i = 0; i < 4; ++i) futures.push_back(transport_->start(to(server.url()), {}));
    const auto begun = std::chrono::steady_clock::now();
    transport_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
    for (auto& future : futures) EXPECT_EQ(kind_of(future.get()), ErrorKind::Cancelled);
}

// The answer proper may follow in the same connection: the next question must not get it.
TEST_P(HttpContract, InterimAnswerIsNeitherAnAnswerNorLeftForTheNextQuestion) {
    for (const char* interim : {"100 Continue", "103 Early Hints"}) {
        EvilServer server([&](EvilPeer& peer) {
            while (const auto request = peer.read_request()) {
                if (request->find("/second") != std::string::npos) {
                    peer.write(http_answer("second"));
                } else {
                    peer.write("HTTP/1.1 " + std::string(interim) + "\r\n\r\n");
                    peer.wait(20ms);
                    peer.write(http_answer("first"));
                }
            }
        });
        EXPECT_EQ(kind_of(get(server.url("/first"))), ErrorKind::Malformed) << interim;
        std::this_thread::sleep_for(40ms);
        const auto second = get(server.url("/second"));
        ASSERT_TRUE(second.ok()) << second.error().message();
        EXPECT_EQ(second->body, "second");
    }
}

// A server that sends an answer nobody asked for: it is not the answer to what is asked next.
TEST_P(HttpContract, UnaskedAnswerIsNotTakenForTheNextOne) {
    EvilServer server([](EvilPeer& peer) {
        while (const auto request = peer.read_request()) {
            const bool first = request->find("/first") != std::string::npos;
            peer.write(http_answer(first ? "first" : "second"));
            if (first && peer.wait(20ms)) peer.write(http_answer("unasked"));
        }
    });
    ASSERT_TRUE(get(server.url("/first")).ok());
    std::this_thread::sleep_for(60ms);
    const auto second = get(server.url("/second"));
    ASSERT_TRUE(second.ok()) << second.error().message();
    EXPECT_EQ(second->body, "second");
}

TEST_P(HttpContract, BytesAfterAnAnswerAreNotTheNextOne) {
    EvilServer server([](EvilPeer& peer) {
        for (int n = 1; peer.read_request(); ++n)
            peer.write(http_answer("answer " + std::to_string(n)) + http_answer("unasked"));
    });
    for (int i = 0; i < 4; ++i) {
        const auto response = get(server.url());
        ASSERT_TRUE(response.ok()) << response.error().message();
        EXPECT_NE(response->body, "unasked");
    }
}

// Whoever may set our environment must not choose whom we hand a token to.
TEST_P(HttpContract, ProxyOfTheEnvironmentIsNotUsed) {
    EvilServer proxy(always(http_answer("proxy"))), server(always(http_answer("server")));
    for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy"})
        ::setenv(name, proxy.url().c_str(), 1);
    remake();
    const auto response = get(server.url());
    for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy"}) ::unsetenv(name);
    ASSERT_TRUE(response.ok()) << response.error().message();
    EXPECT_EQ(response->body, "server");
    EXPECT_EQ(proxy.connections(), 0);
}

TEST_P(HttpContract, ServerThatTakesNoConnectionIsGivenUp) {
    options_.connect_timeout = 150ms;
    remake();
    const testing::FullListener full;
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(kind_of(get("http://127.0.0.1:" + std::to_string(full.port()) + "/")),
              ErrorKind::Unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

TEST_P(HttpContract, WhatIsNoHttpIsAnError) {
    for (const char* garbage : {"hello there\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n",
                                "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK", "\r\n\r\n", ""}) {
        EvilServer server(once(garbage));
        EXPECT_FALSE(get(server.url()).ok()) << garbage;
    }
}

TEST_P(HttpContract, NoServerIsUnavailableAlsoForAWrite) {
    std::string url;
    {
        EvilServer server(once(""));
        url = server.url();
    }
    EXPECT_EQ(kind_of(get(url)), ErrorKind::Unavailable);
    EXPECT_EQ(kind_of(post(url)), ErrorKind::Unavailable);
    EXPECT_EQ(kind_of(get("http://no-such-host.invalid/")), ErrorKind::Unavailable);
    EXPECT_EQ(kind_of(post("http://no-such-host.invalid/")), ErrorKind::Unavailable);
}

TEST_P(HttpContract, LengthsThatTwoReadersUnderstandDifferentlyAreErrors) {
    const std::string chunks = "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n";
    for (const std::string& rest :
         {std::string("Content-Length: -1\r\n\r\nbody"),
          std::string("Content-Length: +4\r\n\r\nbody"),
          std::string("Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!"),
          std::string("Content-Length: four\r\n\r\nbody"), "Content-Length: 4\r\n" + chunks,
          std::string("Transfer-Encoding: gzip\r\n\r\nbody"),
          std::string("X-Nul: a\0b\r\nContent-Length: 4\r\n\r\nbody", 37)}) {
        EvilServer server(once("HTTP/1.1 200 OK\r\n" + rest));
        EXPECT_EQ(kind_of(get(server.url())), ErrorKind::Malformed) << rest;
    }
}

TEST_P(HttpContract, RedirectsComeBackAsTheyAre) {
    std::atomic<int> elsewhere_asked{0};
    EvilServer elsewhere([&](EvilPeer& peer) {
        if (peer.read_request()) ++elsewhere_asked;
    });
    for (const char* status :
         {"301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"}) {
        EvilServer server(
            always(http_answer("", "Location: " + elsewhere.url("/x") + "\r\n", status)));
        HttpRequest request = to(server.url());
        request.headers.add("Authorization", "Bearer secret");
        const auto got = send(std::move(request));
        ASSERT_TRUE(got.ok());
        EXPECT_EQ(got->status, std::atoi(status));
        const auto posted = post(server.url());
        ASSERT_TRUE(posted.ok());
        EXPECT_EQ(posted->status, std::atoi(status));
    }
    EXPECT_EQ(elsewhere_asked, 0);
}

TEST_P(HttpContract, KeptConnectionThatTheServerClosedDoesNotFailARead) {
    EvilServer server(once(http_answer("{}")));  // closes after each answer without saying so
    for (int i = 0; i < 5; ++i) {
        const auto response = get(server.url());
        EXPECT_TRUE(response.ok()) << response.error().message();
        std::this_thread::sleep_for(10ms);
    }
}

TEST_P(HttpContract, ConnectionsAreKeptForReads) {
    EvilServer server(always(http_answer("{}")));
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(get(server.url()).ok());
        std::this_thread::sleep_for(2ms);
    }
    EXPECT_LT(server.connections(), 5);
}

TEST_P(HttpContract, ExchangesOverlapUpToTheLimit) {
    std::atomic<int> now{0}, most{0};
    EvilServer server([&](EvilPeer& peer) {
        while (peer.read_request()) {
            const int mine = ++now;
            for (int seen = most; mine > seen && !most.compare_exchange_weak(seen, mine);) continue;
            peer.wait(200ms);
            --now;
            peer.write(http_answer("{}"));
        }
    });
    const auto begun = std::chrono::steady_clock::now();
    std::vector<std::future<Result<HttpResponse>>> futures;
    for (int i = 0; i < 16; ++i) futures.push_back(transport_->start(to(server.url()), {}));
    for (auto& future : futures) EXPECT_TRUE(future.get().ok());
    EXPECT_EQ(most, 8);
    const auto span = std::chrono::steady_clock::now() - begun;
    EXPECT_GE(span, 400ms);
    EXPECT_LT(span, 1000ms);
}

TEST_P(HttpContract, WaitingForAPlaceEndsByTheDeadline) {
    options_.connections_max = 1;
    remake();
    EvilServer server([](EvilPeer& peer) {
        peer.read_request();
        peer.wait(10s);
    });
    auto first = transport_->start(to(server.url()), {});
    expect_ends_by_deadline(server.url());
    std::stop_source source;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(50ms);
        source.request_stop();
    });
    EXPECT_EQ(kind_of(transport_->send(to(server.url()), source.get_token())),
              ErrorKind::Cancelled);
}

INSTANTIATE_TEST_SUITE_P(Cpprest, HttpContract, ::testing::Values(&make_http_transport));

}  // namespace
}  // namespace consultd::fhir
