#include "adapter/pace.h"

#include <algorithm>

#include "fhir/client/http_status.h"

namespace consultd {
namespace {

constexpr Milliseconds longest_wait{3'000};  // that a thread sits through
constexpr Milliseconds slowest{60'000};      // between two requests, by what was learnt
constexpr std::int64_t faster_after = 200;   // requests that were taken at the rate
constexpr Milliseconds no_rate{5};           // below this it is none
constexpr std::int64_t rate_from = 10;       // requests that were taken; fewer tell no rate

Milliseconds span_of(MonotonicTime from, MonotonicTime to) {
    return std::chrono::ceil<Milliseconds>(to - from);
}

}  // namespace

Milliseconds Pace::take(MonotonicTime now, Milliseconds most) {
    const std::lock_guard lock(mutex_);
    if (!counting_) counting_ = now;
    const MonotonicTime from = std::max(closed_until_, interval_ > Milliseconds(0) ? next_ : now);
    const Milliseconds wait = from > now ? span_of(now, from) : Milliseconds(0);
    if (wait <= most) next_ = std::max(from, now) + interval_;
    return wait;
}

void Pace::answered() {
    const std::lock_guard lock(mutex_);
    ++taken_;
    if (interval_ == Milliseconds(0) || ++taken_at_rate_ < faster_after) return;
    taken_at_rate_ = 0;
    interval_ = interval_ * 9 / 10;
    if (interval_ < no_rate) interval_ = Milliseconds(0);
}

void Pace::refused(MonotonicTime now, Milliseconds retry_after) {
    const std::lock_guard lock(mutex_);
    const bool is_told_already = now < closed_until_;  // by one that was under way beside it
    closed_until_ = std::max(closed_until_, now + retry_after);
    if (is_told_already) return;
    if (taken_ >= rate_from && counting_) {
        const Milliseconds learnt = (span_of(*counting_, now) + retry_after) / taken_;
        // Refused at that rate as well: it is slower than it was thought to be.
        interval_ = std::clamp(std::max(learnt, interval_ * 5 / 4), no_rate, slowest);
    }
    counting_ = closed_until_;
    taken_ = taken_at_rate_ = 0;
    next_ = closed_until_;
}

namespace {

class PacedTransport final : public fhir::HttpTransport {
public:
    PacedTransport(std::unique_ptr<fhir::HttpTransport> transport, Clock& clock)
        : transport_(std::move(transport)), clock_(clock) {}

    std::future<Result<fhir::HttpResponse>> start(fhir::HttpRequest request,
                                                  std::stop_token stop) override {
        if (const Status turn = wait_for_turn(stop); !turn) return ready(turn.error());
        auto under_way = std::make_shared<std::future<Result<fhir::HttpResponse>>>(
            transport_->start(std::move(request), std::move(stop)));
        return std::async(std::launch::deferred, [under_way, this] {
            Result<fhir::HttpResponse> answer = under_way->get();
            hear(answer);
            return answer;
        });
    }

    Result<fhir::HttpResponse> stream(fhir::HttpRequest request, std::stop_token stop,
                                      const fhir::BodySink& sink) override {
        TRY(wait_for_turn(stop));
        Result<fhir::HttpResponse> answer =
            transport_->stream(std::move(request), std::move(stop), sink);
        hear(answer);
        return answer;
    }

private:
    Status wait_for_turn(const std::stop_token& stop) {
        const MonotonicTime now = clock_.monotonic_now();
        const Milliseconds wait = pace_.take(now, longest_wait);
        if (wait > longest_wait)
            return Error(ErrorKind::RateLimited, "the source wants to be left alone")
                .with("retry_after_s", std::chrono::ceil<std::chrono::seconds>(wait).count());
        if (wait > Milliseconds(0) && !clock_.wait_until(now + wait, stop))
            return Error(ErrorKind::Cancelled, "stopped while waiting for the source");
        return {};
    }
    static std::future<Result<fhir::HttpResponse>> ready(Error error) {
        std::promise<Result<fhir::HttpResponse>> promise;
        promise.set_value(std::move(error));
        return promise.get_future();
    }
    void hear(const Result<fhir::HttpResponse>& answer) {
        if (!answer) return;
        if (answer->status != 429 && answer->status != 503) return pace_.answered();
        const auto header = answer->headers.find("Retry-After");
        if (!header && answer->status == 503) return;
        const auto seconds =
            header ? fhir::parse_retry_after(*header, clock_.now()).value_or(1) : 1;
        pace_.refused(clock_.monotonic_now(), std::chrono::seconds(seconds));
    }

    std::unique_ptr<fhir::HttpTransport> transport_;
    Clock& clock_;
    Pace pace_;
};

}  // namespace

std::unique_ptr<fhir::HttpTransport> paced(std::unique_ptr<fhir::HttpTransport> transport,
                                           Clock& clock) {
    return std::make_unique<PacedTransport>(std::move(transport), clock);
}

}  // namespace consultd
