// Server::State: what a server consists of while it runs: its sockets and threads on Boost.Asio,
// and the connections it has. Known to server.cpp and connection.cpp alone.
#pragma once

// clang-format off
#include <utility>  // Before Asio 1.74, which uses std::exchange without including it.
// clang-format on
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "adapter/web/server/server.h"
#include "adapter/web/server/workers.h"

namespace consultd::web {

namespace net = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;
using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>, Executor>;
using std::chrono::milliseconds;

class Connection;

// The rest of the process needs descriptors too: for its database, its log, its own requests. A
// crowd at the door must not take them.
std::size_t at_most_half_of_descriptors(std::size_t connections);

struct Server::State {
    State(ServerOptions given, ServerHandler chosen)
        : options(std::move(given)),
          handler(std::move(chosen)),
          connections_max(at_most_half_of_descriptors(options.connections_max)),
          workers(options.queue_length_max) {}

    Status open();
    Status open_tls();
    void accept();
    void admit(Socket socket);
    void forget(const std::shared_ptr<Connection>& connection, const std::string& address);

    const ServerOptions options;
    const ServerHandler handler;
    const std::size_t connections_max;
    net::io_context io{1};
    std::optional<ssl::context> tls;
    Acceptor acceptor{io};
    Timer accept_timer{io};
    std::uint16_t port = 0;
    Workers workers;
    std::jthread io_thread;
    std::optional<net::executor_work_guard<Executor>> work;
    // What follows is the io thread's alone, but for `open_connections`.
    std::unordered_set<std::shared_ptr<Connection>> connections;
    std::unordered_map<std::string, std::size_t> per_address;
    bool draining = false;
    std::mutex mutex;
    std::condition_variable emptied;
    std::size_t open_connections = 0;
};

}  // namespace consultd::web
