#include "adapter/web/server/server.h"

#include <sys/resource.h>

#include <algorithm>

#include "adapter/web/server/connection.h"
#include "fhir/base/secret.h"

namespace consultd::web {

std::size_t at_most_half_of_descriptors(std::size_t connections) {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return connections;
    return std::min(connections, static_cast<std::size_t>(files.rlim_cur / 2));
}

namespace {

Status set_up(ssl::context& tls, const ServerTls& files) {
    SSL_CTX* native = tls.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    error_code ec;
    tls.use_certificate_chain_file(files.certificate_file, ec);
    if (ec) return Error(ErrorKind::Config, "the TLS certificate does not load");
    TRY_ASSIGN(const Secret key, read_secret_file(files.key_file));
    // A daemon has nobody to ask for a passphrase; OpenSSL would ask the terminal.
    tls.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; }, ec);
    tls.use_private_key(net::buffer(key.reveal().data(), key.reveal().size()), ssl::context::pem,
                        ec);
    if (ec)
        return Error(ErrorKind::Config, "the TLS key does not load or is another certificate's");
    if (files.client_ca_file.empty()) return {};
    tls.load_verify_file(files.client_ca_file, ec);
    if (ec) return Error(ErrorKind::Config, "the CA for client certificates does not load");
    SSL_CTX_set_client_CA_list(native, SSL_load_client_CA_file(files.client_ca_file.c_str()));
    tls.set_verify_mode(files.client_certificate_required
                            ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert
                            : ssl::verify_peer);
    return {};
}

}  // namespace

Status check_tls_files(const ServerTls& files) {
    ssl::context tls(ssl::context::tls_server);
    return set_up(tls, files);
}

Status Server::State::open_tls() {
    if (!options.tls) return {};
    tls.emplace(ssl::context::tls_server);
    return set_up(*tls, *options.tls);
}

Status Server::State::open() {
    TRY(open_tls());
    error_code ec;
    const auto address = net::ip::make_address(options.address, ec);
    if (ec) return Error(ErrorKind::Config, "the address to listen on is no IP address");
    const net::ip::tcp::endpoint endpoint(address, options.port);
    const auto fail = [] {
        return Error(ErrorKind::Unavailable, "cannot listen on this address and port");
    };
    if (acceptor.open(endpoint.protocol(), ec); ec) return fail();
    acceptor.set_option(net::socket_base::reuse_address(true), ec);
    if (acceptor.bind(endpoint, ec); ec) return fail();
    if (acceptor.listen(net::socket_base::max_listen_connections, ec); ec) return fail();
    port = acceptor.local_endpoint(ec).port();
    return ec ? Status(fail()) : Status();
}

void Server::State::accept() {
    acceptor.async_accept([this](error_code ec, Socket socket) {
        if (ec == net::error::operation_aborted || !acceptor.is_open()) return;
        if (!ec) {
            admit(std::move(socket));
            return accept();
        }
        // Out of descriptors, most likely: asking again at once would burn the thread.
        accept_timer.expires_after(milliseconds(100));
        accept_timer.async_wait([this](error_code stopped) {
            if (!stopped) accept();
        });
    });
}

void Server::State::admit(Socket socket) {
    error_code ec;
    const std::string address = socket.remote_endpoint(ec).address().to_string();
    if (ec) return;
    socket.set_option(net::ip::tcp::no_delay(true), ec);
    const std::size_t cap = options.connections_per_address_max;
    if (const auto known = per_address.find(address);
        cap != 0 && known != per_address.end() && known->second >= cap)
        return;
    if (connections.size() >= connections_max) {
        std::shared_ptr<Connection> oldest;
        for (const auto& other : connections)
            if (other->is_waiting() &&
                (!oldest || other->waiting_since() < oldest->waiting_since()))
                oldest = other;
        if (!oldest) return;
        oldest->close();
    }
    auto connection = std::make_shared<Connection>(*this, std::move(socket), address);
    connections.insert(connection);
    ++per_address[address];
    {
        const std::scoped_lock lock(mutex);
        ++open_connections;
    }
    connection->start();
}

void Server::State::forget(const std::shared_ptr<Connection>& connection,
                           const std::string& address) {
    connections.erase(connection);
    if (const auto known = per_address.find(address); --known->second == 0)
        per_address.erase(known);
    const std::scoped_lock lock(mutex);
    --open_connections;
    emptied.notify_all();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, ServerHandler handler) {
    auto state = std::make_unique<State>(std::move(options), std::move(handler));
    TRY(state->open());
    state->workers.start(state->options.handler_threads);
    state->work.emplace(state->io.get_executor());
    state->accept();
    state->io_thread = std::jthread([io = &state->io] { io->run(); });
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

std::uint16_t Server::port() const { return state_->port; }

void Server::stop(milliseconds drain_max) {
    State& state = *state_;
    if (!state.io_thread.joinable()) return;
    net::post(state.io, [&state] {
        state.draining = true;
        error_code ignored;
        state.acceptor.close(ignored);
        state.accept_timer.cancel(ignored);
        const auto open = state.connections;
        for (const auto& connection : open)
            if (connection->is_idle()) connection->close();
        const std::scoped_lock lock(state.mutex);
        state.emptied.notify_all();
    });
    {
        std::unique_lock lock(state.mutex);
        state.emptied.wait_for(lock, drain_max, [&state] { return state.open_connections == 0; });
    }
    net::post(state.io, [&state] {
        const auto open = state.connections;
        for (const auto& connection : open) connection->close();
    });
    state.workers.finish();
    net::post(state.io, [&state] { state.work.reset(); });
    state.io_thread.join();
}

Server::~Server() { stop(milliseconds(0)); }

}  // namespace consultd::web
