#include "fhir/client/http_cpprest_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <cerrno>

#include "fhir/client/http_message.h"

namespace consultd::fhir::cpprest {
namespace {

// The library calls this before each attempt to send, with the socket it will use.
void before_attempt(Connection::Attempts& attempts, void* handle, bool tls) {
    if (++attempts.count > 1 && !attempts.may_repeat) throw SecondAttempt{};
    using Tls = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;
    auto& socket = tls ? static_cast<Tls*>(handle)->next_layer()
                       : *static_cast<boost::asio::ip::tcp::socket*>(handle);
    attempts.socket = &socket;
    if (!socket.is_open()) return;  // a new one
    char byte = 0;
    const ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) throw StaleConnection{};
}

bool is_ipv6(const Url& url) { return url.host().find(':') != std::string::npos; }

// The library looks up the host as it stands here, and no lookup knows an IPv6 address in brackets.
// Without them its last group would be taken for the port, so that is always written.
std::string base_of(const Url& url) {
    std::string base = url.scheme() + "://" + url.host();
    if (is_ipv6(url) || url.port() != (url.is_https() ? 443 : 80))
        base += ":" + std::to_string(url.port());
    return base;
}

// How long the server may be silent. A read that waits for long is given up and asked again. A
// write is not: a large transaction is worked on for minutes without a byte, and whoever hangs up
// on it does not know what was stored. It has until its deadline.
std::chrono::microseconds silence_max(const HttpRequest& request, const HttpOptions& options,
                                      const Clock& clock) {
    if (request.effect == HttpRequest::Effect::Read) return options.idle_timeout;
    return std::max(options.idle_timeout, std::min(request.deadline.left(clock), deadline_max));
}

}  // namespace

std::uint64_t wire_bytes_max(const HttpRequest& request) {
    constexpr std::size_t besides = std::size_t{1} << 20;
    return 2 * request.response_bytes_max + besides;
}

std::uint64_t wire_head_bytes_max() {
    constexpr std::size_t read_along = std::size_t{192} << 10;
    return header_bytes_max + read_along;
}

void Connection::begin(const HttpRequest& request) {
    constexpr std::int64_t handshake = std::int64_t{256} << 10;
    peer.fault = TlsFault::None;
    peer.bytes_left =
        handshake + static_cast<std::int64_t>(wire_head_bytes_max() + wire_bytes_max(request));
    head = Head::Unknown;
    attempts.count = 0;
    attempts.may_repeat = is_kept();
}

// The head may come before anybody expects it.
void Connection::expect_head(const HttpRequest& request) {
    Head unknown = Head::Unknown;
    if (head.compare_exchange_strong(unknown, Head::Expected))
        peer.bytes_left -= static_cast<std::int64_t>(wire_bytes_max(request));
}

void Connection::head_came(const HttpRequest& request) {
    if (head.exchange(Head::There) == Head::Expected)
        peer.bytes_left += static_cast<std::int64_t>(wire_bytes_max(request));
}

int Connection::socket() const {
    return static_cast<boost::asio::ip::tcp::socket*>(attempts.socket)->native_handle();
}

web::http::http_request message_of(const HttpRequest& request) {
    web::http::http_request message(request.method);
    message.set_request_uri(web::uri(request.url.path_and_query()));
    auto& headers = message.headers();
    for (const auto& [name, value] : request.headers.all()) headers.add(name, value);
    headers.add("Accept-Encoding", "gzip");
    // The library would write the address without its brackets.
    if (is_ipv6(request.url))
        headers.add("Host", request.url.origin().substr(request.url.scheme().size() + 3));
    // The Content-Type is the caller's, else application/octet-stream.
    if (!request.body.empty())
        message.set_body(std::vector<unsigned char>(request.body.begin(), request.body.end()));
    return message;
}

std::shared_ptr<Connection> connect_for(const HttpRequest& request, const HttpOptions& options,
                                        const Clock& clock,
                                        const std::shared_ptr<const TlsIdentity>& identity) {
    const Url& url = request.url;
    auto connection = std::make_shared<Connection>();
    connection->peer.host = url.host();
    web::http::client::http_client_config config;
    config.set_timeout(silence_max(request, options, clock));
    config.set_max_redirects(0);
    config.set_tlsext_sni_enabled(!is_ip_address(url.host()));  // RFC 6066 §3: names alone
    Connection* raw = connection.get();  // the exchange or the idle list keeps it alive
    const bool tls = url.is_https();
    config.set_nativehandle_options(
        [raw, tls](void* handle) { before_attempt(raw->attempts, handle, tls); });
    config.set_ssl_context_callback([identity, raw](boost::asio::ssl::context& context) {
        if (!identity->configure(context.native_handle(), raw->peer))
            throw web::http::http_exception("Error in SSL handshake");
    });
    connection->client =
        std::make_unique<web::http::client::http_client>(web::uri(base_of(url)), config);
    return connection;
}

}  // namespace consultd::fhir::cpprest
