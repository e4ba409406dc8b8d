// HttpTransport: one outgoing HTTP exchange, and many of them at once. The interface that
// cpprestsdk sits behind (http_cpprest.cpp); the contract suite in tests/fhir/client runs on any
// implementation.
//
// What holds for every implementation:
// - The whole exchange ends by its deadline or soon after a stop is asked.
// - No write is ever sent again; a read may be, once, where a kept connection turns out dead. No
//   redirect is followed: a 3xx comes back as it is.
// - A body is complete (by Content-Length, chunking and gzip), within its limit, and uncompressed,
//   or the exchange is an error. A 1xx as the final answer is an error. The body of an answer that
//   is no success is empty where it cannot be uncompressed: its status says enough.
// - TLS 1.2 or later; the host name is checked against the SAN alone. A refusal is Forbidden, with
//   its reason in the detail `tls`: "hostname mismatch", "certificate expired", "self-signed
//   certificate", "untrusted issuer", "protocol version", "client certificate refused", "other".
// - An error of a Write after its first byte may have left is Uncertain; before that, Unavailable.
//   After a stop likewise: Uncertain or Cancelled.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/base/clock.h"
#include "fhir/base/result.h"
#include "fhir/url.h"

namespace consultd::fhir {

class HttpHeaders {
public:
    // Name and value must be fit for the wire (RFC 9110 §5); what is not is dropped by the
    // transport with an error, never sent.
    HttpHeaders& add(std::string name, std::string value);
    // The first of that name, any case.
    std::optional<std::string_view> find(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

private:
    std::vector<std::pair<std::string, std::string>> all_;
};

struct HttpRequest {
    enum class Effect { Read, Write };
    std::string method = "GET";
    Url url;
    HttpHeaders headers;  // Host, Content-Length, Accept-Encoding are the transport's own
    std::string body;
    Effect effect = Effect::Read;
    Deadline deadline{MonotonicTime::max()};
    std::size_t response_bytes_max = std::size_t{64} << 20;  // after decompression
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;
    std::string body;
};

// Takes a body piece by piece. An error ends the exchange.
using BodySink = std::function<Status(std::string_view)>;

class HttpTransport {
public:
    virtual ~HttpTransport() = default;
    // Begins the exchange; waits only while `connections_max` of them are already going on.
    virtual std::future<Result<HttpResponse>> start(HttpRequest request, std::stop_token stop) = 0;
    Result<HttpResponse> send(HttpRequest request, std::stop_token stop) {
        return start(std::move(request), std::move(stop)).get();
    }
    // A GET whose body may be larger than memory: what a 200 brings goes to `sink` as it comes,
    // uncompressed, on the thread of the caller, who waits for the end of it; `body` stays empty.
    // What comes with another status is `body`, as far as it is short. An error of `sink` is the
    // result. A body that was cut short is an error after `sink` had what came of it. Of a
    // transport that has bodies as a whole, this one.
    virtual Result<HttpResponse> stream(HttpRequest request, std::stop_token stop,
                                        const BodySink& sink) {
        TRY_ASSIGN(HttpResponse response, send(std::move(request), std::move(stop)));
        if (response.status == 200) {
            TRY(sink(response.body));
            response.body.clear();
        }
        return response;
    }
};

struct HttpOptions {
    std::string ca_file;           // empty: the system's trust store
    std::string certificate_file;  // empty: no client certificate
    std::string key_file;
    std::size_t connections_max = 8;  // at once, to one origin
    Milliseconds connect_timeout{10'000};
    // Without a byte, of a Read. A Write is given until its deadline: its server may be at work.
    Milliseconds idle_timeout{60'000};
};

// Config: a file that cannot be read or used.
Result<std::unique_ptr<HttpTransport>> make_http_transport(const HttpOptions& options,
                                                           Clock& clock);

// First thing in main, before any thread: bounds the library's thread pool and its trust settings.
void initialize_http();

}  // namespace consultd::fhir
