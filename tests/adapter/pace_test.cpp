#include "adapter/pace.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"

namespace consultd {
namespace {

using std::chrono::seconds;
using testing::answer;
using testing::FakeClock;
using testing::FakeTransport;

// A server that takes so many requests in each window of so many seconds.
class PaceTest : public ::testing::Test {
protected:
    static constexpr int window_s = 8, window_requests = 20;
    PaceTest() {
        transport_ = paced(
            std::make_unique<FakeTransport>([this](const fhir::HttpRequest&) { return serve(); }),
            clock);
        begun = window_ = clock.monotonic_now();
    }
    FakeTransport::Answer serve() {
        ++served;
        while (clock.monotonic_now() - window_ >= seconds(window_s)) {
            window_ += seconds(window_s);
            in_window_ = 0;
        }
        if (++in_window_ <= window_requests) return answer(200, "text/plain", "");
        ++refused;
        fhir::HttpResponse no = answer(429, "", "");
        no.headers.add("Retry-After", std::to_string(window_s));
        return no;
    }
    Result<fhir::HttpResponse> ask() { return transport_->send(fhir::HttpRequest(), {}); }
    double elapsed_s() const {
        return std::chrono::duration<double>(clock.monotonic_now() - begun).count();
    }

    FakeClock clock;
    std::unique_ptr<fhir::HttpTransport> transport_;
    MonotonicTime begun, window_;
    int in_window_ = 0, served = 0, refused = 0;
};

// A limit of 50 a minute made a pull start over for ever.
TEST_F(PaceTest, IsLearntFromOneRefusalAndThenKeptTo) {
    int taken = 0;
    for (int asked = 0; taken < 157 && asked < 400; ++asked) {
        const auto said = ask();
        if (said && said->status == 200) ++taken;
        if (!said) clock.advance(seconds(*said.error().number("retry_after_s")));
    }
    EXPECT_EQ(taken, 157);
    EXPECT_EQ(refused, 1);
    EXPECT_LT(elapsed_s(), 157.0 / window_requests * window_s * 1.2);
}

TEST_F(PaceTest, ALongWaitIsGivenBackAndNothingIsSent) {
    for (int i = 0; i <= window_requests; ++i) (void)ask();
    const int before = served;
    const auto said = ask();
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().kind(), ErrorKind::RateLimited);
    EXPECT_EQ(said.error().number("retry_after_s"), window_s);
    EXPECT_EQ(served, before);
}

// A file of a gigabyte was held twice in memory, because what keeps the pace took it as a whole.
TEST(PacedStream, GoesByInPiecesAndIsHeard) {
    class Pieces final : public fhir::HttpTransport {
        std::future<Result<fhir::HttpResponse>> start(fhir::HttpRequest, std::stop_token) override {
            ADD_FAILURE() << "as a whole";
            return {};
        }
        Result<fhir::HttpResponse> stream(fhir::HttpRequest, std::stop_token,
                                          const fhir::BodySink& sink) override {
            for (const char* piece : {"one", "two"}) TRY(sink(piece));
            fhir::HttpResponse busy = answer(429, "", "");
            busy.headers.add("Retry-After", "60");
            return busy;
        }
    };
    FakeClock clock;
    const auto transport = paced(std::make_unique<Pieces>(), clock);
    std::string came;
    const auto take = [&](std::string_view piece) {
        came.append(piece).append("|");
        return Status();
    };
    EXPECT_TRUE(transport->stream({}, {}, take));
    EXPECT_EQ(came, "one|two|");
    EXPECT_EQ(transport->stream({}, {}, take).error().kind(), ErrorKind::RateLimited);
}

TEST_F(PaceTest, WithoutARefusalNothingWaits) {
    for (int i = 0; i < window_requests; ++i) (void)ask();
    EXPECT_EQ(elapsed_s(), 0.0);
}

}  // namespace
}  // namespace consultd
