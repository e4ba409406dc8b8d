// A connection of http_cpprest: one http_client of the library with at most one socket, set up so
// that it sends a request once, follows nothing, and proves its peer by http_tls.
#pragma once

#include <cpprest/http_client.h>

#include <atomic>
#include <memory>

#include "fhir/client/http.h"
#include "fhir/client/http_tls.h"

namespace consultd::fhir::cpprest {

constexpr Milliseconds deadline_max{std::chrono::hours(24)};

// Thrown into the library before it sends; they come out of it as they are.
struct StaleConnection {};  // found closed, or with bytes nobody asked for: nothing was sent
struct SecondAttempt {};    // the library wants to send again what may have arrived

struct Connection {
    struct Attempts {
        std::atomic<int> count{0};
        std::atomic<bool> may_repeat{false};
        void* socket = nullptr;  // the library's, as Boost.Asio has it
    };
    // A new exchange, which what the last one left must not touch.
    void begin(const HttpRequest& request);
    bool is_kept() const { return idle_since != MonotonicTime{}; }
    // Once something was sent, and on the thread that sends.
    int socket() const;
    // From the first until the second what comes is the answer's head, and is limited as one.
    void expect_head(const HttpRequest& request);
    void head_came(const HttpRequest& request);

    TlsPeer peer;
    Attempts attempts;
    MonotonicTime idle_since{};
    enum class Head { Unknown, Expected, There };
    std::atomic<Head> head{Head::Unknown};
    std::unique_ptr<web::http::client::http_client> client;
};

// A whole answer with its framing: chunks and records of a few bytes are allowed for, not counted
// exactly.
std::uint64_t wire_bytes_max(const HttpRequest& request);
// As far as the end of its headers, with what is read along of the body.
std::uint64_t wire_head_bytes_max();

// The request as the library sends it.
web::http::http_request message_of(const HttpRequest& request);
// A new one, for this request first.
std::shared_ptr<Connection> connect_for(const HttpRequest& request, const HttpOptions& options,
                                        const Clock& clock,
                                        const std::shared_ptr<const TlsIdentity>& identity);

}  // namespace consultd::fhir::cpprest
