// HttpTransport on cpprestsdk 2.10, which the files http_cpprest* alone include. The
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
//   peer may send, of headers and at all, is counted beneath it, by http_tls record by record;
//   without TLS, which we speak on loopback alone, by http_wire from time to time.
// - What is thrown on a thread of its pool (there was no memory) would end the process. The threads
//   are ours, and it ends that exchange.
#include <cpprest/containerstream.h>
#include <pplx/threadpool.h>

#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "fhir/client/http.h"
#include "fhir/client/http_cpprest_exchange.h"
#include "fhir/client/http_message.h"

namespace consultd::fhir {
namespace {

using cpprest::Abort;
using cpprest::BodyPipe;
using cpprest::deadline_max;
using cpprest::Exchange;
using cpprest::Shared;

constexpr std::size_t pool_threads = 4;

// The threads of the library's pool.
class Pool {
public:
    Pool() {
        for (std::size_t i = 0; i < pool_threads; ++i) threads_.emplace_back(work);
    }
    ~Pool() { crossplat::threadpool::shared_instance().service().stop(); }

private:
    // An exchange whose handler threw is taken apart with it, which ends it with an error.
    static void work() {
        auto& service = crossplat::threadpool::shared_instance().service();
        while (!service.stopped()) {
            try {
                service.run();
            } catch (...) {
            }
        }
    }
    std::vector<std::jthread> threads_;
};

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
        return launch(std::move(request), std::move(stop), nullptr);
    }

    Result<HttpResponse> stream(HttpRequest request, std::stop_token stop,
                                const BodySink& sink) override {
        // What its consumer finds wrong ends it, as a stop does.
        std::stop_source ends;
        const std::stop_callback passed_on(std::move(stop), [&] { ends.request_stop(); });
        const auto pipe = std::make_shared<BodyPipe>();
        const std::uint64_t bytes_max = request.response_bytes_max;
        auto answer = launch(std::move(request), ends.get_token(), pipe);
        const Result<std::string> body = pipe->drain(answer, sink, bytes_max);
        if (!body) ends.request_stop();
        pipe->discard();
        Result<HttpResponse> result = answer.get();
        if (!body) return body.error();
        if (result) result->body = *body;
        return result;
    }

private:
    std::future<Result<HttpResponse>> launch(HttpRequest request, std::stop_token stop,
                                             std::shared_ptr<BodyPipe> pipe) {
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
            exchange = std::make_shared<Exchange>(shared_, std::move(request), std::move(pipe));
            shared_->going_on.insert(exchange);
        }
        auto future = exchange->future();
        exchange->begin(std::move(stop));
        return future;
    }

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
        crossplat::threadpool::initialize_with_threads(0);
    } catch (const std::exception&) {
        return;  // called a second time: the pool is there
    }
    static const Pool pool;
}

}  // namespace consultd::fhir
