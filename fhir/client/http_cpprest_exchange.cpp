#include "fhir/client/http_cpprest_exchange.h"

#include <pplx/threadpool.h>

#include <vector>

#include "fhir/client/http_failure.h"
#include "fhir/client/http_message.h"

namespace consultd::fhir::cpprest {
namespace {

namespace asio = boost::asio;
namespace wire = web::http;

constexpr Milliseconds grace{500};               // from a cancellation to the library's own answer
constexpr Milliseconds idle_connection{20'000};  // shorter than servers keep theirs

// A connection without TLS is on loopback, where a peer is as fast as memory, and nobody else
// counts.
constexpr Milliseconds look_again{250}, look_again_on_loopback{20};

struct BodyTooLarge {};

// Does what follows at once, on the thread that is done with what came before. It lives for ever,
// so that the library's interface has no virtual destructor is no matter.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class AtOnce final : public pplx::scheduler_interface {
public:
    void schedule(pplx::TaskProc_t step, void* of) override { step(of); }
};
#pragma GCC diagnostic pop
AtOnce at_once;

asio::io_service& service() { return crossplat::threadpool::shared_instance().service(); }

}  // namespace

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

Exchange::Exchange(std::shared_ptr<Shared> shared, HttpRequest request,
                   std::shared_ptr<BodyPipe> pipe)
    : shared_(std::move(shared)),
      request_(std::move(request)),
      pipe_(std::move(pipe)),
      deadline_(service()),
      connect_(service()),
      look_(service()) {}

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
        request.set_response_stream(pipe_ ? pipe_->stream() : body_.create_ostream());
        const auto self = shared_from_this();
        request.set_progress_handler(
            [self](wire::message_direction::direction direction, std::uint64_t bytes) {
                if (direction == wire::message_direction::upload)
                    self->sent();
                else if (bytes > self->request_.response_bytes_max)
                    throw BodyTooLarge{};
            });
        const auto answering = connection_->client->request(request, cancellation_.get_token());
        limit_head(answering);
        answering
            .then([self](const wire::http_response& response) {
                self->response_ = response;
                if (self->pipe_) self->pipe_->begin(self->head());
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

// The head is known to be there before the library reads on: else what it reads of the body would
// be counted as the head's.
void Exchange::limit_head(const pplx::task<wire::http_response>& answering) {
    answering.then(
        [self = shared_from_this(), of = connection_](const pplx::task<wire::http_response>& head) {
            try {
                head.get();
                of->head_came(self->request_);
            } catch (...) {  // whoever waits for the whole answer has it as well
            }
        },
        pplx::task_options(at_once));
    connection_->expect_head(request_);
}

void Exchange::arm(Timer& timer, Milliseconds span, void (Exchange::*then)()) {
    const std::lock_guard lock(mutex_);
    timer.expires_after(span);
    timer.async_wait([weak = weak_from_this(), then](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!error && self) (self.get()->*then)();
    });
}

// The request is out, perhaps a second time: what comes from here on is watched.
void Exchange::sent() {
    headers_sent_ = true;
    {
        const std::lock_guard lock(mutex_);
        if (watched_attempt_ == connection_->attempts.count) return;
        watched_attempt_ = connection_->attempts.count;
        AnswerWatch::Limits limits{wire_head_bytes_max(), wire_bytes_max(request_), std::nullopt};
        if (request_.effect == HttpRequest::Effect::Read)
            limits.span = shared_->options.idle_timeout;
        wire_.emplace(connection_->socket());
        watch_.emplace(limits);
    }
    look();
}

AnswerWatch::Finding Exchange::finding() {
    const std::lock_guard lock(mutex_);
    const auto count = connection_ ? wire_->count() : std::nullopt;
    if (!count) return AnswerWatch::Finding::Fine;
    const bool is_head = connection_->head == Connection::Head::Expected;
    return watch_->look(*count, is_head, std::chrono::steady_clock::now());
}

void Exchange::look() {
    if (settled_) return;
    switch (finding()) {
        case AnswerWatch::Finding::TooMuch:
            return abort(Abort::TooMuch);
        case AnswerWatch::Finding::TooSlow:
            return abort(Abort::TooSlow);
        case AnswerWatch::Finding::Fine:
            arm(look_, request_.url.is_https() ? look_again : look_again_on_loopback,
                &Exchange::look);
    }
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

HttpResponse Exchange::head() const {
    HttpResponse response;
    response.status = response_.status_code();
    for (const auto& [name, value] : response_.headers()) response.headers.add(name, value);
    return response;
}

Result<HttpResponse> Exchange::answer() {
    HttpResponse response = head();
    if (pipe_) {
        TRY(check_framing(request_.method, response, pipe_->bytes()));
        return response;
    }
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
        case Abort::TooMuch:
            return lost(false, ErrorKind::TooLarge, "answer is over the limit");
        case Abort::TooSlow:
            return lost(false, ErrorKind::Unavailable, "answer comes too slowly");
        default:
            return lost(unsent, ErrorKind::Unavailable, "exchange did not end by its deadline");
    }
}

void Exchange::settle(Result<HttpResponse> result) {
    if (settled_.exchange(true)) return;
    promise_.set_value(std::move(result));
    if (pipe_) pipe_->end();
}

// The library is done with the exchange: its place is free, and its connection if nothing is wrong.
void Exchange::release(bool clean) {
    std::shared_ptr<Connection> connection;
    {
        const std::lock_guard lock(mutex_);
        deadline_.cancel();
        connect_.cancel();
        look_.cancel();
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

}  // namespace consultd::fhir::cpprest
