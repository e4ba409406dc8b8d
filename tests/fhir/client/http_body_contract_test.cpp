// What HttpTransport promises of an answer's body and headers: whole, uncompressed and within
// limits, however the server sends it.
#include <gtest/gtest.h>

#include "tests/fhir/client/http_contract.h"

namespace consultd::fhir {
namespace {

using testing::EvilPeer;
using testing::EvilServer;
using testing::http_answer;

class HttpBodyContract : public HttpContractTest {};

TEST_P(HttpBodyContract, GzipComesOutWholeHoweverItIsCut) {
    const std::string plain = std::string(300'000, 'a') + "{\"resourceType\":\"Bundle\"}";
    const std::string packed = testing::gzip(plain);
    std::string chunked =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char byte : packed) chunked += "1\r\n" + std::string(1, byte) + "\r\n";
    for (const std::string& bytes :
         {http_answer(packed, "Content-Encoding: gzip\r\n"), chunked + "0\r\n\r\n"}) {
        EvilServer server(once(bytes));
        const auto response = get(server.url());
        ASSERT_TRUE(response.ok()) << response.error().message();
        EXPECT_EQ(response->body, plain);
    }
}

TEST_P(HttpBodyContract, GzipCutShortOrDamagedIsAnError) {
    std::string plain;
    for (int i = 0; i < 4000; ++i) plain += std::to_string(i * 7919);
    const std::string packed = testing::gzip(plain);
    std::string wrong_sum = packed;
    wrong_sum[packed.size() - 8] = static_cast<char>(wrong_sum[packed.size() - 8] ^ 1);
    for (const std::string& body :
         {packed.substr(0, packed.size() / 2), packed.substr(0, packed.size() - 1), wrong_sum,
          packed + packed, packed + "x", std::string()}) {
        EvilServer server(once(http_answer(body, "Content-Encoding: gzip\r\n")));
        EXPECT_EQ(kind_of(get(server.url())), ErrorKind::Unavailable) << body.size();
    }
}

TEST_P(HttpBodyContract, CodingThatWasNotAskedForIsAnError) {
    for (const char* coding : {"br", "deflate", "gzip, gzip"}) {
        EvilServer server(
            once(http_answer("x", "Content-Encoding: " + std::string(coding) + "\r\n")));
        EXPECT_EQ(kind_of(get(server.url())), ErrorKind::Malformed) << coding;
    }
}

// A firewall's error page in a coding nobody asked for: a refusal is a refusal, also of a write,
// which would be sent again and again if nobody knew what became of it.
TEST_P(HttpBodyContract, RefusalThatCannotBeDecodedKeepsItsStatus) {
    for (const char* coding : {"br", "gzip"}) {
        EvilServer server(always(http_answer(
            "x", "Content-Encoding: " + std::string(coding) + "\r\n", "403 Forbidden")));
        for (const auto& response : {get(server.url()), post(server.url())}) {
            ASSERT_TRUE(response.ok()) << coding << response.error().message();
            EXPECT_EQ(response->status, 403);
            EXPECT_EQ(response->body, "");
        }
    }
}

TEST_P(HttpBodyContract, BombStopsAtTheLimit) {
    EvilServer server(once(
        http_answer(testing::gzip(std::string(50'000'000, '\0')), "Content-Encoding: gzip\r\n")));
    HttpRequest request = to(server.url());
    request.response_bytes_max = 1'000'000;
    const PeakMemory memory;
    EXPECT_EQ(kind_of(send(std::move(request))), ErrorKind::TooLarge);
    EXPECT_LT(memory.grown_mib(), 20);
}

TEST_P(HttpBodyContract, BodyOverTheLimitStopsWhileItIsRead) {
    constexpr std::size_t piece = 64 << 10;
    std::atomic<std::size_t> sent{0};
    const auto pour = [&](const std::string& head, const std::string& block) {
        return [&, head, block](EvilPeer& peer) {
            peer.read_request();
            peer.write(head);
            for (sent = 0; sent < 300'000'000 && peer.write(block);) sent += piece;
        };
    };
    EvilServer with_length(
        pour("HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n", std::string(piece, 'x')));
    EvilServer chunked(pour("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                            "10000\r\n" + std::string(piece, 'x') + "\r\n"));
    const PeakMemory memory;
    for (const EvilServer* server : {&with_length, &chunked}) {
        HttpRequest request = to(server->url());
        request.response_bytes_max = 1 << 20;
        EXPECT_EQ(kind_of(send(std::move(request))), ErrorKind::TooLarge);
        EXPECT_LT(sent, 100'000'000U);
    }
    EXPECT_LT(memory.grown_mib(), 40);
}

TEST_P(HttpBodyContract, BodyOfExactlyTheLimitIsTaken) {
    EvilServer server(always(http_answer(std::string(100'000, 'x'))));
    HttpRequest request = to(server.url());
    request.response_bytes_max = 100'000;
    EXPECT_TRUE(send(request).ok());
    request.response_bytes_max = 99'999;
    EXPECT_EQ(kind_of(send(std::move(request))), ErrorKind::TooLarge);
}

TEST_P(HttpBodyContract, TooManyOrTooLongHeadersAreAnError) {
    std::string many;
    for (int i = 0; i < 300; ++i) many += "X-" + std::to_string(i) + ": a\r\n";
    for (const std::string& headers : {many, "X-Long: " + std::string(1 << 20, 'x') + "\r\n"}) {
        EvilServer server(once(http_answer("{}", headers)));
        EXPECT_EQ(kind_of(get(server.url())), ErrorKind::TooLarge);
    }
}

// A header line without an end, or lines without an end: the process has what else to do with its
// memory, and others' exchanges are in it.
TEST_P(HttpBodyContract, HeadersWithoutEndStopWhileTheyAreRead) {
    for (const std::string& block : {std::string(64 << 10, 'x'), [] {
                                         std::string lines;
                                         while (lines.size() < 64 << 10) lines += "X-A: b\r\n";
                                         return lines;
                                     }()}) {
        std::atomic<std::size_t> sent{0};
        EvilServer server([&](EvilPeer& peer) {
            peer.read_request();
            peer.write("HTTP/1.1 200 OK\r\nX: ");
            while (sent < 1'000'000'000 && peer.write(block)) sent += block.size();
        });
        const PeakMemory memory;
        EXPECT_EQ(kind_of(get(server.url())), ErrorKind::TooLarge);
        EXPECT_EQ(kind_of(post(server.url())), ErrorKind::Uncertain);
        EXPECT_LT(sent, 300'000'000U);
        EXPECT_LT(memory.grown_mib(), 300);
    }
}

// Within the limit of headers a body is none of it, however it is cut and however fast it comes.
TEST_P(HttpBodyContract, ALargeBodyIsNotTakenForHeaders) {
    const std::string body(30'000'000, 'x');
    for (const auto& tls : {std::optional<testing::ServerTls>(),
                            std::optional(testing::ServerTls{authority_.issue(), "", false})}) {
        EvilServer server(
            always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1c9c380\r\n" + body +
                   "\r\n0\r\n\r\n"),
            tls);
        for (int i = 0; i < 5; ++i) {
            const auto response = get(server.url());
            ASSERT_TRUE(response.ok()) << response.error().message();
            EXPECT_EQ(response->body.size(), body.size());
        }
    }
}

// One byte now and then is no answer: it would hold who waits for it until its deadline.
TEST_P(HttpBodyContract, AnAnswerThatTricklesIsGivenUp) {
    options_.idle_timeout = std::chrono::milliseconds(600);
    remake();
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::pair<std::string, std::string> forms[] = {
        {ok, "X: y\r\n"},
        {ok + "\r\n", "x"},
        {ok + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"}};
    for (const auto& [head, piece] : forms) {
        EvilServer server([&](EvilPeer& peer) {
            peer.read_request();
            peer.write(head);
            while (peer.write(piece) && peer.wait(std::chrono::milliseconds(50))) {
            }
        });
        const auto begun = std::chrono::steady_clock::now();
        EXPECT_EQ(kind_of(get(server.url())), ErrorKind::Unavailable) << head;
        EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5)) << head;
    }
}

// The library skips a header line without a colon, and two bytes after each chunk whatever they
// are. We cannot see either. Both are harmless: what is skipped has no meaning for us, and a body
// that is put together wrongly is no JSON or fails its hash.
TEST_P(HttpBodyContract, HeaderLineWithoutColonIsSkipped) {
    EvilServer server(once(http_answer("{}", "no colon here\r\n")));
    EXPECT_TRUE(get(server.url()).ok());
}

// A file of a bulk export is larger than memory: it goes by in pieces, and no more of it is held.
class HttpStreamContract : public HttpContractTest {
protected:
    Result<HttpResponse> stream(const std::string& url, const BodySink& sink) {
        HttpRequest request = to(url, std::chrono::minutes(1));
        request.response_bytes_max = std::size_t{1} << 40;
        return transport_->stream(std::move(request), {}, sink);
    }
};

TEST_P(HttpStreamContract, ABodyLargerThanItsPiecesIsNeverInMemory) {
    constexpr std::size_t mib = std::size_t{1} << 20, count = 200;
    const std::string piece(mib, 'x'), length = "Content-Length: " + std::to_string(count * mib);
    for (const std::string& framing : {length, std::string("Transfer-Encoding: chunked")}) {
        const std::string sent = framing == length ? piece : "100000\r\n" + piece + "\r\n";
        EvilServer server([&](EvilPeer& peer) {
            if (!peer.read_request()) return;
            peer.write("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n");
            for (std::size_t i = 0; i < count && peer.write(sent); ++i) {
            }
            if (framing != length) peer.write("0\r\n\r\n");
        });
        const PeakMemory memory;
        std::size_t came = 0;
        const auto answer = stream(server.url(), [&](std::string_view part) {
            came += part.size();
            return Status();
        });
        ASSERT_TRUE(answer.ok()) << answer.error().message();
        EXPECT_EQ(came, count * mib);
        EXPECT_EQ(answer->body, "");
        EXPECT_LT(memory.grown_mib(), 32) << framing;
    }
}

TEST_P(HttpStreamContract, GzipComesOutPieceByPiece) {
    const std::string plain(3'000'000, 'a');
    EvilServer server(once(http_answer(testing::gzip(plain), "Content-Encoding: gzip\r\n")));
    std::string came;
    const auto answer = stream(server.url(), [&](std::string_view piece) {
        came += piece;
        return Status();
    });
    ASSERT_TRUE(answer.ok()) << answer.error().message();
    EXPECT_EQ(came, plain);
}

TEST_P(HttpStreamContract, ABodyThatIsCutShortIsAnErrorAfterWhatCame) {
    const std::string packed = testing::gzip(std::string(300'000, 'a') + "b");
    for (const std::string& bytes :
         {std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
          http_answer(packed.substr(0, packed.size() / 2), "Content-Encoding: gzip\r\n")}) {
        EvilServer server(once(bytes));
        EXPECT_EQ(kind_of(stream(server.url(), [](std::string_view) { return Status(); })),
                  ErrorKind::Unavailable);
    }
}

TEST_P(HttpStreamContract, AnotherStatusHasItsBodyAndTheSinkHasNone) {
    EvilServer server(once(http_answer("gone", "", "404 Not Found")));
    const auto answer = stream(server.url(), [](std::string_view) {
        ADD_FAILURE();
        return Status();
    });
    ASSERT_TRUE(answer.ok()) << answer.error().message();
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->body, "gone");
}

TEST_P(HttpStreamContract, AnErrorOfTheSinkEndsItAtOnce) {
    EvilServer server([](EvilPeer& peer) {
        if (!peer.read_request()) return;
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (peer.write("5\r\nhello\r\n")) {
        }
    });
    EXPECT_EQ(kind_of(stream(
                  server.url(),
                  [](std::string_view) { return Status(Error(ErrorKind::Conflict, "enough")); })),
              ErrorKind::Conflict);
}

INSTANTIATE_TEST_SUITE_P(Cpprest, HttpBodyContract, ::testing::Values(&make_http_transport));
INSTANTIATE_TEST_SUITE_P(Cpprest, HttpStreamContract, ::testing::Values(&make_http_transport));

}  // namespace
}  // namespace consultd::fhir
