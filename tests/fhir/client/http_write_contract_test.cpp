// What HttpTransport promises of writes: sent once, waited for, and uncertain when their answer is
// lost.
#include <gtest/gtest.h>

#include "tests/fhir/client/http_contract.h"

namespace consultd::fhir {
namespace {

using namespace std::chrono_literals;
using testing::EvilPeer;
using testing::EvilServer;
using testing::http_answer;

class HttpWriteContract : public HttpContractTest {};

// The server applied it, and the connection died: the caller must not believe that nothing
// happened, and nobody may send it again.
TEST_P(HttpWriteContract, WriteWhoseAnswerIsLostIsUncertainAndHasOneEffect) {
    std::atomic<int> effects{0};
    EvilServer server([&](EvilPeer& peer) {
        while (const auto request = peer.read_request()) {
            if (request->rfind("POST", 0) == 0) {
                ++effects;
                return;
            }
            peer.write(http_answer("{}"));
        }
    });
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(get(server.url()).ok());  // kept connections
    EXPECT_EQ(kind_of(post(server.url())), ErrorKind::Uncertain);
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(effects, 1);
}

TEST_P(HttpWriteContract, EveryFailureAfterAWriteWasSentIsUncertain) {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    for (const std::string& bytes :
         {std::string(), std::string("garbage\r\n\r\n"), ok + "Content-Length: 9\r\n\r\nhalf",
          ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nha",
          std::string("HTTP/1.1 100 Continue\r\n\r\n"), ok + "Content-Length: -1\r\n\r\nx",
          ok + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"}) {
        EvilServer server(once(bytes));
        EXPECT_EQ(kind_of(post(server.url())), ErrorKind::Uncertain) << bytes;
    }
    EvilServer silent([](EvilPeer& peer) {
        peer.read_request();
        peer.wait(10s);
    });
    HttpRequest request = to(silent.url(), 150ms);
    request.method = "POST";
    request.effect = HttpRequest::Effect::Write;
    EXPECT_EQ(kind_of(send(std::move(request))), ErrorKind::Uncertain);
}

// A receiver stores a large transaction for minutes and says nothing meanwhile. To hang up on it
// would leave us not knowing, and make us send what it is about to have.
TEST_P(HttpWriteContract, WriteHasUntilItsDeadlineHoweverLongTheServerIsSilent) {
    options_.idle_timeout = 100ms;
    remake();
    EvilServer server([](EvilPeer& peer) {
        peer.read_request();
        if (peer.wait(700ms)) peer.write(http_answer("{}"));
    });
    const auto response = post(server.url());
    ASSERT_TRUE(response.ok()) << response.error().message();
    EXPECT_EQ(response->status, 200);
}

INSTANTIATE_TEST_SUITE_P(Cpprest, HttpWriteContract, ::testing::Values(&make_http_transport));

}  // namespace
}  // namespace consultd::fhir
