// What the contract tests of HttpTransport share: a transport made by the factory under test, and
// the questions one asks it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <ostream>
#include <string>

#include "fhir/base/clock.h"
#include "fhir/client/http.h"
#include "tests/support/evil_server.h"

namespace consultd {

inline void PrintTo(ErrorKind kind, std::ostream* out) { *out << name_of(kind).view(); }

namespace fhir {

using TransportFactory = Result<std::unique_ptr<HttpTransport>> (*)(const HttpOptions&, Clock&);

class HttpContractTest : public ::testing::TestWithParam<TransportFactory> {
protected:
    void SetUp() override {
        options_.ca_file = files_.write("root.pem", authority_.root());
        remake();
    }
    // The transport is taken away before the servers that a test made, or after: both must do.
    void remake() {
        auto made = GetParam()(options_, clock_);
        ASSERT_TRUE(made.ok()) << made.error().message();
        transport_ = std::move(*made);
    }

    HttpRequest to(const std::string& url, Milliseconds span = std::chrono::seconds(10)) {
        HttpRequest request;
        request.url = Url::parse(url).value();
        request.deadline = Deadline::after(clock_, span);
        return request;
    }
    Result<HttpResponse> send(HttpRequest request) {
        return transport_->send(std::move(request), {});
    }
    Result<HttpResponse> get(const std::string& url) { return send(to(url)); }
    Result<HttpResponse> post(const std::string& url) {
        HttpRequest request = to(url);
        request.method = "POST";
        request.body = "{}";
        request.effect = HttpRequest::Effect::Write;
        return send(std::move(request));
    }
    static ErrorKind kind_of(const Result<HttpResponse>& result) {
        EXPECT_FALSE(result.ok()) << result->status << " " << result->body.substr(0, 100);
        return result.ok() ? ErrorKind::Busy : result.error().kind();
    }
    void expect_ends_by_deadline(const std::string& url) {
        const auto begun = std::chrono::steady_clock::now();
        EXPECT_EQ(kind_of(send(to(url, Milliseconds(150)))), ErrorKind::Unavailable);
        const auto span = std::chrono::steady_clock::now() - begun;
        EXPECT_GE(span, Milliseconds(140));
        EXPECT_LT(span, Milliseconds(1000));
    }

    SystemClock clock_;
    testing::TestFiles files_;
    testing::TestAuthority authority_;
    HttpOptions options_;
    std::unique_ptr<HttpTransport> transport_;
};

// Answers every request on the connection with the same bytes.
inline testing::EvilServer::Script always(std::string bytes) {
    return [bytes = std::move(bytes)](testing::EvilPeer& peer) {
        while (peer.read_request())
            if (!peer.write(bytes)) return;
    };
}

// Reads one request, writes the bytes and closes.
inline testing::EvilServer::Script once(std::string bytes) {
    return [bytes = std::move(bytes)](testing::EvilPeer& peer) {
        if (peer.read_request()) peer.write(bytes);
    };
}

// How much the process's peak memory has grown since this was made.
class PeakMemory {
public:
    PeakMemory() {
        std::ofstream("/proc/self/clear_refs") << "5";  // begin the peak anew
        before_ = peak_kib();
    }
    long grown_mib() const { return (peak_kib() - before_) / 1024; }

private:
    static long peak_kib() {
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);)
            if (line.rfind("VmHWM:", 0) == 0) return std::stol(line.substr(6));
        return 0;
    }
    long before_ = 0;
};

}  // namespace fhir
}  // namespace consultd
