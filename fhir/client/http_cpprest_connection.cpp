#include "fhir/client/http_cpprest_connection.h"

#include <sys/socket.h>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <algorithm>
#include <cerrno>

namespace consultd::fhir::cpprest {
namespace {

// The library calls this before each attempt to send, with the socket it will use.
void before_attempt(Connection::Attempts& attempts, void* handle, bool tls) {
    if (++attempts.count > 1 && !attempts.may_repeat) throw SecondAttempt{};
    using Tls = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;
    auto& socket = tls ? static_cast<Tls*>(handle)->next_layer()
                       : *static_cast<boost::asio::ip::tcp::socket*>(handle);
    if (!socket.is_open()) return;  // a new one
    char byte = 0;
    const ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) throw StaleConnection{};
}

std::string base_of(const Url& url) {
    const bool bracket = url.host().find(':') != std::string::npos;
    std::string base = url.scheme() + "://" + (bracket ? "[" + url.host() + "]" : url.host());
    if (url.port() != (url.is_https() ? 443 : 80)) base += ":" + std::to_string(url.port());
    return base;
}

// How long the server may be silent. A read that waits for long is given up and asked again. A write
// is not: a large transaction is worked on for minutes without a byte, and whoever hangs up on it
// does not know what was stored. It has until its deadline.
std::chrono::microseconds silence_max(const HttpRequest& request, const HttpOptions& options,
                                      const Clock& clock) {
    if (request.effect == HttpRequest::Effect::Read) return options.idle_timeout;
    return std::max(options.idle_timeout, std::min(request.deadline.left(clock), deadline_max));
}

}  // namespace

std::shared_ptr<Connection> connect_for(const HttpRequest& request, const HttpOptions& options,
                                        const Clock& clock,
                                        const std::shared_ptr<const TlsIdentity>& identity) {
    const Url& url = request.url;
    auto connection = std::make_shared<Connection>();
    connection->peer.host = url.host();
    web::http::client::http_client_config config;
    config.set_timeout(silence_max(request, options, clock));
    config.set_max_redirects(0);
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
