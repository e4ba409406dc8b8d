// Server: HTTP/1.1 over TCP or TLS for people and institutions (RFC 9110, RFC 9112), on Boost.Beast
// and Boost.Asio in this folder alone. It owns sockets, limits, timeouts and a bounded pool of
// threads on which the handler runs and may block; the thread that reads and writes never does. It
// refuses what could be read in two ways (request smuggling) before any handler sees it, so a
// handler gets a whole request. It must not know FHIR, routes, operators or security headers: those
// are the handler's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/base/result.h"

namespace consultd::web {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct ServerRequest {
    std::string method;  // as sent: "GET"
    std::string path;    // percent-decoded; begins with "/"; ".." is not interpreted
    std::string query;   // raw, without "?"
    Headers headers;     // names as sent
    std::string body;
    std::string peer_address;  // "192.0.2.7"
    bool tls = false;
    // RFC 4514 text of a certificate that verified against `client_ca_file`.
    std::optional<std::string> client_certificate_subject;
    std::string client_certificate_sha256;  // of the same, over DER, 64 lower-case hex digits

    // The first header of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
};

struct ServerResponse {
    int status = 200;
    // Date, Content-Length and Connection are the server's; others are sent as they stand.
    Headers headers;
    std::string body;
    bool drop = false;  // hang up without an answer: for the sandbox
};

// Which status, headers and body: called on several threads at once. May throw: that is a 500.
using ServerHandler = std::function<ServerResponse(const ServerRequest&)>;

struct ServerTls {
    std::string certificate_file;  // PEM chain, ours first
    std::string key_file;          // PEM, mode 0600, without a passphrase
    std::string client_ca_file;    // PEM; empty: no client certificate is asked for
    bool client_certificate_required = false;
};

// Config: a file that does not load, a key that others may read or that is another certificate's.
Status check_tls_files(const ServerTls& files);

// Asked before a request's body is read, on the thread that reads, so it may not block: an answer
// refuses the request, and the connection ends with it. The request has no body yet.
using BodyScreen = std::function<std::optional<ServerResponse>(const ServerRequest&)>;

// What is told when the server itself refuses: the status, and the path where it could be read.
using ServerRefusal = std::function<ServerResponse(int, std::string_view)>;

struct ServerOptions {
    std::string address = "127.0.0.1";  // an IP address, not a name
    std::uint16_t port = 0;             // 0: any free one
    std::optional<ServerTls> tls;       // TLS 1.2 at least
    std::size_t header_bytes_max = std::size_t{16} << 10;
    std::size_t header_fields_max = 100;
    std::size_t body_bytes_max = std::size_t{10} << 20;
    // For the TLS handshake, and for a request's header from its first byte to its last.
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{60'000};
    std::chrono::milliseconds idle_timeout{60'000};   // between two requests
    std::chrono::milliseconds write_timeout{30'000};  // for each 64 KiB of an answer
    // When all are taken, the connection that has waited longest without a request makes room. No
    // more than half of the descriptors that the process may have (RLIMIT_NOFILE at the start).
    std::size_t connections_max = 4096;
    std::size_t connections_per_address_max = 0;  // 0: no cap (all come through one proxy)
    std::size_t handler_threads = 8;
    std::size_t queue_length_max = 256;  // requests that wait for a thread; 503 beyond
    BodyScreen before_body;              // empty: anybody's body is read
    ServerRefusal refusal;               // empty: the status's name as text
};

class Server {
public:
    // Listens when it returns. Config: the address is none, the certificate, key or CA does not
    // load. Unavailable: the port is taken or may not be used.
    static Result<std::unique_ptr<Server>> start(ServerOptions options, ServerHandler handler);
    ~Server();  // stops at once
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    // Takes no new connections, answers the requests that have begun, closes idle connections, and
    // returns when all is done or cut at the deadline. Waits for handlers that still run.
    void stop(std::chrono::milliseconds drain_max);

    struct State;  // server_state.h: known to this folder alone

private:
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Strict RFC 3986 percent-decoding. Absent: a bad escape, NUL, a control character, or "%2F".
std::optional<std::string> decode_path(std::string_view path);

}  // namespace consultd::web
