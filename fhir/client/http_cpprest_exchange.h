// Exchange: one exchange on a connection of cpprestsdk, from its first byte to its end, and what
// the exchanges of one transport share. Of http_cpprest.cpp, whose header says what is dangerous
// here.
#pragma once

#include <cpprest/containerstream.h>

#include <atomic>
#include <boost/asio.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "fhir/client/http.h"
#include "fhir/client/http_cpprest_connection.h"
#include "fhir/client/http_cpprest_pipe.h"
#include "fhir/client/http_tls.h"
#include "fhir/client/http_wire.h"

namespace consultd::fhir::cpprest {

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
    // A kept connection for a GET where there is one, else a new one.
    std::shared_ptr<Connection> take(const HttpRequest& request);
};

enum class Abort { None, Deadline, Stopped, ConnectTimeout, TooMuch, TooSlow };

class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    // With a pipe the body goes there, and the caller takes it out.
    Exchange(std::shared_ptr<Shared> shared, HttpRequest request, std::shared_ptr<BodyPipe> pipe);

    std::future<Result<HttpResponse>> future() { return promise_.get_future(); }
    void begin(std::stop_token stop);
    void abort(Abort reason);

private:
    using Timer = boost::asio::steady_timer;
    void send(bool fresh);
    void limit_head(const pplx::task<web::http::http_response>& answering);
    void arm(Timer& timer, Milliseconds span, void (Exchange::*then)());
    void deadline_passed() { abort(Abort::Deadline); }
    void connect_timed_out() {
        if (!headers_sent_) abort(Abort::ConnectTimeout);
    }
    void sent();
    void look();
    AnswerWatch::Finding finding();
    void grace_passed() { settle(aborted()); }
    bool nothing_sent();
    void ended(std::exception_ptr exception);
    Result<HttpResponse> answer();
    Error failed(std::exception_ptr exception);
    Error lost(bool nothing_sent, ErrorKind kind, StaticText text) const;
    Error aborted();
    void settle(Result<HttpResponse> result);
    void release(bool clean);

    HttpResponse head() const;

    std::shared_ptr<Shared> shared_;
    HttpRequest request_;
    std::shared_ptr<BodyPipe> pipe_;  // may be null
    std::promise<Result<HttpResponse>> promise_;
    std::atomic<bool> settled_{false};
    std::atomic<bool> headers_sent_{false};
    std::atomic<Abort> abort_{Abort::None};
    pplx::cancellation_token_source cancellation_;
    std::shared_ptr<Connection> connection_;
    bool on_kept_connection_ = false;
    concurrency::streams::container_buffer<std::vector<std::uint8_t>> body_;
    web::http::http_response response_;
    std::mutex mutex_;
    Timer deadline_, connect_, look_;
    int watched_attempt_ = 0;
    std::optional<Wire> wire_;
    std::optional<AnswerWatch> watch_;
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace consultd::fhir::cpprest
