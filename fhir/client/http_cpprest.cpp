// HttpTransport on cpprestsdk 2.10, which this and http_cpprest_connection alone include. The
// library is dangerous by default, so:
// - A connection of ours is one http_client with at most one socket, used by one exchange at a
//   time. It is kept for the next read only after an answer that nobody could have framed
//   differently: a 1xx, or a second answer left in a socket, never becomes the answer to another
//   question.
// - A write goes out on a connection of its own, where the library has no reason to send again; a
//   second attempt inside the library is refused besides. A read on a kept connection that turns
//   out dead may be sent once more.
// - No redirects, no decompression, no Host header of a caller's, host check by http_tls, size cap
//   while reading.
// - Its timeout is per operation, so a timer of ours ends the exchange at its deadline by closing
//   the socket. What cannot be closed (a name lookup) is left to itself: the caller gets its error
//   in time.
// - Results leave by a promise from a continuation; nothing waits inside the library's threads.
// - The library reads one HTTP chunk and all headers into memory before we see them. How much a
//   peer may send at all is counted beneath it, by http_tls; without TLS, which we speak on
//   loopback alone, nobody counts.
#include <cpprest/containerstream.h>
#include <pplx/threadpool.h>
#include <sys/socket.h>

#include <boost/asio.hpp>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "fhir/client/http.h"
#include "fhir/client/http_cpprest_connection.h"
#include "fhir/client/http_failure.h"
#include "fhir/client/http_message.h"
#include "fhir/client/http_tls.h"

namespace consultd::fhir {
namespace {

namespace asio = boost::asio;
namespace wire = web::http;
using cpprest::connect_for;
using cpprest::Connection;
using cpprest::deadline_max;
using cpprest::message_of;
using cpprest::SecondAttempt;
using cpprest::StaleConnection;

constexpr std::size_t pool_threads = 4;
constexpr Milliseconds grace{500};               // from a cancellation to the library's own answer
constexpr Milliseconds idle_connection{20'000};  // shorter than servers keep theirs

struct BodyTooLarge {};

asio::io_service& service() { return crossplat::threadpool::shared_instance().service(); }

class Exchange;

// What all exchanges of one transport share; it outlives each of them.
struct Shared {
    HttpOptions options;
    Clock& clock;
    std::shared_ptr<const TlsIdentity> identity;
    std::mutex mutex;
    std::condition_variable_any changed;
    struct Origin {
        std::size_t active = 0;
        std::deque<std::shared_ptr<Connection>> idle;
    };
    std::map<std::string, Origin> origins;
    std::set<std::shared_ptr<Exchange>> going_on;

    Shared(HttpOptions o, Clock& c, std::shared_ptr<const TlsIdentity> i)
        : options(std::move(o)), clock(c), identity(std::move(i)) {}
    std::shared_ptr<Connection> take(const HttpRequest& request);
};

// A kept connection for a GET where there is one, else a new one.
std::shared_ptr<Connection> Shared::take(const HttpRequest& request) {
    if (request.method == "GET" && request.effect == HttpRequest::Effect::Read) {
        std::vector<std::shared_ptr<Connection>> too_old;  // closed outside the lock
        const std::lock_guard lock(mutex);
        auto& idle = origins[request.url.origin()].idle;
        const MonotonicTime oldest = std::chrono::steady_clock::now() - idle_connection;
        while (!idle.empty()) {
            auto connection = std::move(idle.back());
            idle.pop_back();
            if (connection->idle_since >= oldest) return connection;
            too_old.push_back(std::move(connection));
        }
    }
    return connect_for(request, options, clock, identity);
}

enum class Abort { None, Deadline, Stopped, ConnectTimeout };

class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    Exchange(std::shared_ptr<Shared> shared, HttpRequest request)
        : shared_(std::move(shared)),
          request_(std::move(request)),
          deadline_(service()),
          connect_(service()) {}

    std::future<Result<HttpResponse>> future() { return promise_.get_future(); }
    void begin(std::stop_token stop);
    void abort(Abort reason);

private:
    using Timer = asio::steady_timer;
    void send(bool fresh);
    void arm(Timer& timer, Milliseconds span, void (Exchange::*then)());
    void deadline_passed() { abort(Abort::Deadline); }
    void connect_timed_out() {
        if (!headers_sent_) abort(Abort::ConnectTimeout);
    }
    void grace_passed() { settle(aborted()); }
    bool nothing_sent();
    void ended(std::exception_ptr exception);
    Result<HttpResponse> answer();
    Error failed(std::exception_ptr exception);
    Error lost(bool nothing_sent, ErrorKind kind, StaticText text) const;
    Error aborted();
    void settle(Result<HttpResponse> result);
    void release(bool clean);

    std::shared_ptr<Shared> shared_;
    HttpRequest request_;
    std::promise<Result<HttpResponse>> promise_;
    std::atomic<bool> settled_{false};
    std::atomic<bool> headers_sent_{false};
    std::atomic<Abort> abort_{Abort::None};
    pplx::cancellation_token_source cancellation_;
    std::shared_ptr<Connection> connection_;
    bool on_kept_connection_ = false;
    concurrency::streams::container_buffer<std::vector<std::uint8_t>> body_;
    wire::http_response response_;
    std::mutex mutex_;
    Timer deadline_, connect_;
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

void Exchange::begin(std::stop_token stop) {
    arm(deadline_, std::min(request_.deadline.left(shared_->clock), deadline_max),
        &Exchange::deadline_passed);
    arm(connect_, shared_->options.connect_timeout, &Exchange::connect_timed_out);
    // A stop is asked on a thread of the caller's; the work is done on one of the library's.
    const std::weak_ptr<Exchange> weak = weak_from_this();
    on_stop_.emplace(std::move(stop), [weak] {
        service().post([weak] {
            if (const auto self = weak.lock()) self->abort(Abort::Stopped);
        });
    });
    send(false);
}

void Exchange::send(bool fresh) {
    try {
        auto connection =
            fresh ? connect_for(request_, shared_->options, shared_->clock, shared_->identity)
                  : shared_->take(request_);
        {
            const std::lock_guard lock(mutex_);
            connection_ = std::move(connection);
        }
        on_kept_connection_ = connection_->is_kept();
        connection_->begin(request_);
        wire::http_request request = message_of(request_);
        request.set_response_stream(body_.create_ostream());
        const auto self = shared_from_this();
        request.set_progress_handler(
            [self](wire::message_direction::direction direction, std::uint64_t bytes) {
                if (direction == wire::message_direction::upload)
                    self->headers_sent_ = true;
                else if (bytes > self->request_.response_bytes_max)
                    throw BodyTooLarge{};
            });
        connection_->client->request(request, cancellation_.get_token())
            .then([self](const wire::http_response& response) {
                self->response_ = response;
                return response.content_ready();
            })
            .then([self](const pplx::task<wire::http_response>& done) {
                try {
                    done.get();
                } catch (...) {
                    return self->ended(std::current_exception());
                }
                self->ended(nullptr);
            });
    } catch (...) {
        ended(std::current_exception());
    }
}

void Exchange::arm(Timer& timer, Milliseconds span, void (Exchange::*then)()) {
    const std::lock_guard lock(mutex_);
    timer.expires_after(span);
    timer.async_wait([weak = weak_from_this(), then](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!error && self) (self.get()->*then)();
    });
}

void Exchange::abort(Abort reason) {
    Abort none = Abort::None;
    if (settled_ || !abort_.compare_exchange_strong(none, reason)) return;
    arm(deadline_, grace, &Exchange::grace_passed);
    cancellation_.cancel();
}

void Exchange::ended(std::exception_ptr exception) {
    if (exception && on_kept_connection_ && abort_ == Abort::None) {
        try {
            std::rethrow_exception(exception);
        } catch (const StaleConnection&) {
            return send(true);  // nothing was sent on the kept one
        } catch (...) {
        }
    }
    Result<HttpResponse> result = exception || connection_->peer.flooded()
                                      ? Result<HttpResponse>(failed(exception))
                                      : answer();
    release(result.ok());
    settle(std::move(result));
}

Result<HttpResponse> Exchange::answer() {
    HttpResponse response;
    response.status = response_.status_code();
    for (const auto& [name, value] : response_.headers()) response.headers.add(name, value);
    const auto& raw = body_.collection();
    const std::string_view bytes(reinterpret_cast<const char*>(raw.data()), raw.size());
    auto read = read_response(request_, std::move(response), bytes);
    if (read || request_.effect == HttpRequest::Effect::Read) return read;
    return Error(ErrorKind::Uncertain, read.error().text());
}

Error Exchange::failed(std::exception_ptr exception) {
    if (connection_ && connection_->peer.flooded())
        return lost(false, ErrorKind::TooLarge, "answer is over the limit");
    try {
        std::rethrow_exception(exception);
    } catch (const BodyTooLarge&) {
        return lost(false, ErrorKind::TooLarge, "answer is over the limit");
    } catch (const StaleConnection&) {
        return lost(true, ErrorKind::Unavailable, "no connection to the server");
    } catch (const SecondAttempt&) {
        return lost(false, ErrorKind::Unavailable, "server gave no answer");
    } catch (const web::uri_exception&) {
        return lost(true, ErrorKind::Malformed, "URL is none that can be asked for");
    } catch (const wire::http_exception& error) {
        const HttpFailure& failure = failure_of(error.what());
        // A server that misses our client certificate says so after our side of the handshake is
        // done; it has not read the request then.
        const TlsFault fault = connection_ ? connection_->peer.fault.load() : TlsFault::None;
        const bool refused = fault == TlsFault::ClientCertificate;
        if (abort_ != Abort::None) return aborted();
        if (fault != TlsFault::None && (failure.nothing_sent || refused))
            return Error(ErrorKind::Forbidden, "TLS was not agreed").with("tls", name_of(fault));
        return lost(failure.nothing_sent, failure.kind, failure.text);
    } catch (...) {
        if (abort_ != Abort::None) return aborted();
        return lost(false, ErrorKind::Unavailable, "exchange failed");
    }
}

Error Exchange::lost(bool nothing_sent, ErrorKind kind, StaticText text) const {
    if (nothing_sent || request_.effect == HttpRequest::Effect::Read) return Error(kind, text);
    return Error(ErrorKind::Uncertain, text);
}

// After a cancellation the library does not tell its stage. Over TLS we know it ourselves: nothing
// of a request leaves before the handshake is done. Without TLS it may have.
bool Exchange::nothing_sent() {
    const std::lock_guard lock(mutex_);
    return connection_ && request_.url.is_https() && !connection_->peer.agreed;
}

Error Exchange::aborted() {
    const bool unsent = nothing_sent();
    switch (abort_.load()) {
        case Abort::Stopped:
            return lost(unsent, ErrorKind::Cancelled, "exchange was stopped");
        case Abort::ConnectTimeout:
            return lost(unsent, ErrorKind::Unavailable, "no connection to the server in time");
        default:
            return lost(unsent, ErrorKind::Unavailable, "exchange did not end by its deadline");
    }
}

void Exchange::settle(Result<HttpResponse> result) {
    if (!settled_.exchange(true)) promise_.set_value(std::move(result));
}

// The library is done with the exchange: its place is free, and its connection if nothing is wrong.
void Exchange::release(bool clean) {
    std::shared_ptr<Connection> connection;
    {
        const std::lock_guard lock(mutex_);
        deadline_.cancel();
        connect_.cancel();
        connection = std::move(connection_);
    }
    on_stop_.reset();
    const std::lock_guard lock(shared_->mutex);
    auto& origin = shared_->origins[request_.url.origin()];
    const bool keep = clean && connection && request_.effect == HttpRequest::Effect::Read;
    if (keep && origin.idle.size() < shared_->options.connections_max) {
        connection->idle_since = std::chrono::steady_clock::now();
        origin.idle.push_back(std::move(connection));
    }
    --origin.active;
    shared_->going_on.erase(shared_from_this());
    shared_->changed.notify_all();
}

std::future<Result<HttpResponse>> ready(Error error) {
    std::promise<Result<HttpResponse>> promise;
    promise.set_value(std::move(error));
    return promise.get_future();
}

class CpprestTransport final : public HttpTransport {
public:
    explicit CpprestTransport(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    // Nothing of an exchange is left behind: each is cancelled and waited for.
    ~CpprestTransport() override {
        std::unique_lock lock(shared_->mutex);
        const auto left = shared_->going_on;
        lock.unlock();
        for (const auto& exchange : left) exchange->abort(Abort::Stopped);
        lock.lock();
        shared_->changed.wait(lock, [this] { return shared_->going_on.empty(); });
        auto origins = std::move(shared_->origins);
        lock.unlock();
    }

    std::future<Result<HttpResponse>> start(HttpRequest request, std::stop_token stop) override {
        if (const Status fit = check_request(request); !fit) return ready(fit.error());
        if (stop.stop_requested())
            return ready(Error(ErrorKind::Cancelled, "exchange was stopped"));
        const auto until = std::chrono::steady_clock::now() +
                           std::min(request.deadline.left(shared_->clock), deadline_max);
        if (request.deadline.passed(shared_->clock))
            return ready(Error(ErrorKind::Unavailable, "exchange did not end by its deadline"));
        std::shared_ptr<Exchange> exchange;
        {
            std::unique_lock lock(shared_->mutex);
            auto& origin = shared_->origins[request.url.origin()];
            const bool free = shared_->changed.wait_until(lock, stop, until, [&] {
                return origin.active < shared_->options.connections_max;
            });
            if (!free && stop.stop_requested())
                return ready(Error(ErrorKind::Cancelled, "exchange was stopped"));
            if (!free)
                return ready(Error(ErrorKind::Unavailable, "no connection was free in time"));
            ++origin.active;
            exchange = std::make_shared<Exchange>(shared_, std::move(request));
            shared_->going_on.insert(exchange);
        }
        auto future = exchange->future();
        exchange->begin(std::move(stop));
        return future;
    }

private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace

Result<std::unique_ptr<HttpTransport>> make_http_transport(const HttpOptions& options,
                                                           Clock& clock) {
    TRY_ASSIGN(auto identity, TlsIdentity::load(options));
    return std::unique_ptr<HttpTransport>(std::make_unique<CpprestTransport>(
        std::make_shared<Shared>(options, clock, std::move(identity))));
}

void initialize_http() {
    // The library reads the system's certificates anew for each connection unless told where none
    // are; ours are in one shared store.
    ::setenv("SSL_CERT_FILE", "/dev/null", 1);
    ::setenv("SSL_CERT_DIR", "/nonexistent", 1);
    try {
        crossplat::threadpool::initialize_with_threads(pool_threads);
    } catch (const std::exception&) {
        // Called a second time: the pool is there.
    }
}

}  // namespace consultd::fhir
