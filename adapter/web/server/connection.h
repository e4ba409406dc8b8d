// Connection: one client's connection, from the TLS handshake to the last byte: reads requests
// within the limits, hands them to the handler's threads, writes the answers. It owns its socket
// and timer, and runs on the io thread; only a request's copy and its answer travel. Beast, which
// parses, is compiled in connection.cpp alone.
#pragma once

#include <array>

#include "adapter/web/server/server_state.h"

namespace consultd::web {

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Server::State& server, Socket socket, std::string address);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    // Nothing of a request has been read in full: may be cut when room is needed.
    bool is_waiting() const { return phase_ == Phase::Handshake || phase_ == Phase::Header; }
    bool is_idle() const { return phase_ == Phase::Header && input_.empty(); }
    std::chrono::steady_clock::time_point waiting_since() const { return since_; }
    void close();

private:
    enum class Phase { Handshake, Header, Body, Handling, Writing, Lingering, Closed };
    enum class After { ReadBody, NextRequest, Finish, Refuse };
    struct Parser;

    void arm(milliseconds span);
    void read_peer_certificate();

    void next_request();
    void read();
    void on_read(error_code ec, std::size_t count);
    void on_header_bytes();
    // The status to refuse the header with; 0: nothing wrong.
    int parse_header(std::size_t header_bytes);
    void begin_body();
    void on_body_bytes();
    // All of a request but the body. False: its target is none.
    bool begin_request();
    void hand_over();

    ServerResponse own_answer(int status, std::string_view path) const;
    std::string path_asked() const;  // empty where it cannot be read
    ServerResponse ask_handler(const ServerRequest& request) const;
    void answer(const ServerResponse& response);
    void refuse(int status);
    void refuse(const ServerResponse& response);

    void write(After after);
    void write_piece();
    void on_written(error_code ec, std::size_t count);
    void finish();

    Server::State& server_;
    Socket socket_;
    std::optional<ssl::stream<Socket&>> tls_;
    Timer timer_;
    const std::string address_;
    std::optional<std::string> certificate_subject_;
    std::string certificate_sha256_;
    Phase phase_ = Phase::Handshake;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    std::array<char, 16384> piece_{};
    std::string input_;  // bytes read and not yet taken by the parser
    std::unique_ptr<Parser> parser_;
    Headers headers_;
    std::shared_ptr<ServerRequest> request_;  // being read
    bool has_begun_ = false;                  // a byte of the next request is here
    bool keep_alive_ = false, head_only_ = false;
    std::string output_;
    std::size_t written_ = 0, lingered_ = 0;
    After after_ = After::Finish;
};

}  // namespace consultd::web
