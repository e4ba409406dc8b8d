#include "adapter/web/server/connection.h"

// GCC 12 with the address sanitizer misreads boost::optional in Beast's parser.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#include <ctime>

#include "adapter/web/server/http_message.h"
#include "fhir/base/crypto.h"

namespace consultd::web {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t write_piece_bytes = std::size_t{64} << 10;
constexpr std::size_t linger_bytes_max = std::size_t{1} << 20;
constexpr milliseconds linger_max{1000};

std::string to_string(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Connection::Parser : http::request_parser<http::string_body> {};

Connection::Connection(Server::State& server, Socket socket, std::string address)
    : server_(server),
      socket_(std::move(socket)),
      timer_(server.io),
      address_(std::move(address)) {}

Connection::~Connection() = default;

void Connection::start() {
    if (!server_.tls) return next_request();
    tls_.emplace(socket_, *server_.tls);
    arm(server_.options.header_timeout);
    tls_->async_handshake(ssl::stream_base::server, [self = shared_from_this()](error_code ec) {
        if (ec) return self->close();
        self->read_peer_certificate();
        self->next_request();
    });
}

void Connection::close() {
    if (phase_ == Phase::Closed) return;
    phase_ = Phase::Closed;
    error_code ignored;
    timer_.cancel(ignored);
    socket_.close(ignored);
    server_.forget(shared_from_this(), address_);
}

void Connection::arm(milliseconds span) {
    timer_.expires_after(span);
    timer_.async_wait([self = shared_from_this()](error_code ec) {
        // A handler already queued when the timer was set anew finds it in the future.
        if (!ec && self->phase_ != Phase::Handling &&
            self->timer_.expiry() <= std::chrono::steady_clock::now())
            self->close();
    });
}

void Connection::read_peer_certificate() {
    X509* certificate = SSL_get1_peer_certificate(tls_->native_handle());
    if (certificate == nullptr) return;
    BIO* memory = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(memory, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_size = 0;
    if (size > 0 && SSL_get_verify_result(tls_->native_handle()) == X509_V_OK &&
        X509_digest(certificate, EVP_sha256(), digest, &digest_size) == 1) {
        certificate_subject_ = std::string(text, static_cast<std::size_t>(size));
        certificate_sha256_ = crypto::hex({reinterpret_cast<const char*>(digest), digest_size});
    }
    BIO_free(memory);
    X509_free(certificate);
}

// ---- reading

void Connection::next_request() {
    phase_ = Phase::Header;
    since_ = std::chrono::steady_clock::now();
    parser_.reset();
    if (server_.draining && input_.empty()) return finish();
    has_begun_ = !input_.empty();
    arm(has_begun_ ? server_.options.header_timeout : server_.options.idle_timeout);
    if (!has_begun_) return read();
    on_header_bytes();
}

void Connection::read() {
    const auto done = [self = shared_from_this()](error_code ec, std::size_t count) {
        self->on_read(ec, count);
    };
    if (tls_ && phase_ != Phase::Lingering)
        tls_->async_read_some(net::buffer(piece_), done);
    else
        socket_.async_read_some(net::buffer(piece_), done);
}

void Connection::on_read(error_code ec, std::size_t count) {
    if (phase_ == Phase::Closed) return;
    if (ec) return close();
    if (phase_ == Phase::Lingering) {
        lingered_ += count;
        return lingered_ > linger_bytes_max ? close() : read();
    }
    input_.append(piece_.data(), count);
    if (phase_ == Phase::Body) return on_body_bytes();
    // Once: empty lines before a request are dropped, and give nobody more time.
    if (!std::exchange(has_begun_, true)) arm(server_.options.header_timeout);
    on_header_bytes();
}

void Connection::on_header_bytes() {
    if (input_.starts_with("\r\n")) input_.erase(0, 2);  // RFC 9112 §2.2
    const std::size_t end = input_.find("\r\n\r\n");
    const std::size_t header_bytes = end == std::string::npos ? input_.size() : end + 4;
    if (header_bytes > server_.options.header_bytes_max) return refuse(431);
    if (end == std::string::npos) return read();
    if (has_ambiguous_lines(std::string_view(input_).substr(0, end))) return refuse(400);
    if (const int status = parse_header(header_bytes); status != 0) return refuse(status);
    if (!begin_request()) return refuse(400);
    if (!parser_->is_done() && server_.options.before_body)
        if (const auto refusal = server_.options.before_body(*request_)) return refuse(*refusal);
    begin_body();
}

int Connection::parse_header(std::size_t header_bytes) {
    parser_ = std::make_unique<Parser>();
    parser_->header_limit(static_cast<std::uint32_t>(header_bytes + 1));
    parser_->body_limit(server_.options.body_bytes_max);
    error_code ec;
    const std::size_t used = parser_->put(net::buffer(input_.data(), header_bytes), ec);
    if (ec == http::error::body_limit) return 413;
    if (ec || !parser_->is_header_done() || used != header_bytes) return 400;
    input_.erase(0, used);
    headers_.clear();
    for (const auto& field : parser_->get())
        headers_.emplace_back(to_string(field.name_string()), to_string(field.value()));
    return refusal_of(headers_, parser_->get().version() == 11, server_.options.header_fields_max);
}

bool Connection::begin_request() {
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive() && !server_.draining;
    head_only_ = message.method() == http::verb::head;
    request_ = std::make_shared<ServerRequest>();
    request_->method = to_string(message.method_string());
    request_->headers = std::move(headers_);
    request_->peer_address = address_;
    request_->tls = tls_.has_value();
    request_->client_certificate_subject = certificate_subject_;
    request_->client_certificate_sha256 = certificate_sha256_;
    return read_target(to_string(message.target()), *request_);
}

void Connection::begin_body() {
    parser_->eager(true);
    phase_ = Phase::Body;
    arm(server_.options.body_timeout);
    if (!parser_->is_done() && input_.empty() && parser_->get().version() == 11 &&
        parser_->get().count(http::field::expect) != 0) {
        output_ = "HTTP/1.1 100 Continue\r\n\r\n";
        return write(After::ReadBody);
    }
    on_body_bytes();
}

void Connection::on_body_bytes() {
    std::size_t used = 0;
    while (!parser_->is_done() && used < input_.size()) {
        error_code ec;
        const std::size_t count =
            parser_->put(net::buffer(input_.data() + used, input_.size() - used), ec);
        used += count;
        if (ec == http::error::need_more || (!ec && count == 0)) break;
        if (ec == http::error::body_limit) return refuse(413);
        if (ec) return refuse(400);
    }
    input_.erase(0, used);
    if (parser_->is_done()) return hand_over();
    // What the parser leaves is a chunk's size line or the trailers: as limited as a header.
    if (input_.size() > server_.options.header_bytes_max) return refuse(400);
    read();
}

// ---- answering

void Connection::hand_over() {
    request_->body = std::move(parser_->get().body());
    phase_ = Phase::Handling;
    error_code ignored;
    timer_.cancel(ignored);
    const std::string path = request_->path;
    const auto job = [self = shared_from_this(), request = std::move(request_)] {
        ServerResponse response = self->ask_handler(*request);
        net::post(self->server_.io,
                  [self, response = std::move(response)] { self->answer(response); });
    };
    if (!server_.workers.offer(job)) answer(own_answer(503, path));
}

ServerResponse Connection::own_answer(int status, std::string_view path) const {
    const ServerRefusal& refusal = server_.options.refusal;
    return refusal ? refusal(status, path) : plain_response(status);
}

std::string Connection::path_asked() const {
    if (request_) return request_->path;
    ServerRequest asked;
    const bool is_read = parser_ && read_target(to_string(parser_->get().target()), asked);
    return is_read ? asked.path : std::string();
}

ServerResponse Connection::ask_handler(const ServerRequest& request) const {
    try {
        ServerResponse response = server_.handler(request);
        const bool valid = response.status >= 200 && response.status <= 599;
        return response.drop || (valid && is_clean(response.headers))
                   ? response
                   : own_answer(500, request.path);
    } catch (...) {
        // What was thrown may name a patient: it is not repeated.
        return own_answer(500, request.path);
    }
}

void Connection::answer(const ServerResponse& response) {
    if (phase_ != Phase::Handling) return;
    if (response.drop) return close();
    keep_alive_ = keep_alive_ && !server_.draining;
    output_ = print_response(response, head_only_, keep_alive_, std::time(nullptr));
    phase_ = Phase::Writing;
    write(keep_alive_ ? After::NextRequest : After::Finish);
}

// For what could not be read as a request, or will not be: nothing that follows on the connection
// can be trusted.
void Connection::refuse(int status) { refuse(own_answer(status, path_asked())); }
void Connection::refuse(const ServerResponse& response) {
    output_ = print_response(response, false, false, std::time(nullptr));
    phase_ = Phase::Writing;
    write(After::Refuse);
}

// ---- writing

void Connection::write(After after) {
    after_ = after;
    written_ = 0;
    write_piece();
}

void Connection::write_piece() {
    arm(server_.options.write_timeout);
    const std::size_t size = std::min(write_piece_bytes, output_.size() - written_);
    const auto done = [self = shared_from_this()](error_code ec, std::size_t count) {
        self->on_written(ec, count);
    };
    const net::const_buffer piece(output_.data() + written_, size);
    if (tls_)
        tls_->async_write_some(piece, done);
    else
        socket_.async_write_some(piece, done);
}

void Connection::on_written(error_code ec, std::size_t count) {
    if (phase_ == Phase::Closed) return;
    if (ec) return close();
    written_ += count;
    if (written_ < output_.size()) return write_piece();
    output_ = {};
    switch (after_) {
        case After::ReadBody:
            arm(server_.options.body_timeout);
            return read();
        case After::NextRequest:
            return next_request();
        case After::Finish:
        case After::Refuse:
            return finish();
    }
}

// Closing with unread bytes would reset the connection and take the answer with it: so our side
// ends first, and what still comes is read and thrown away, for a moment.
void Connection::finish() {
    phase_ = Phase::Lingering;
    arm(linger_max);
    if (tls_ && after_ == After::Finish) {
        tls_->async_shutdown([self = shared_from_this()](error_code) { self->close(); });
        return;
    }
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    read();
}

}  // namespace consultd::web
