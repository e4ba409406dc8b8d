// AskedOnce: an answer that many threads want and one of them fetches, while the others wait for
// what it brings. Owns the answer, and knows nothing of what it is.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>

#include "fhir/base/clock.h"
#include "fhir/base/result.h"

namespace consultd {

template <class T>
class AskedOnce {
public:
    // The answer that is there, if `is_good` says so; else what `ask` brings, called by one of
    // those who want it. Its error is the error of all who waited for it, save Cancelled: a stop is
    // for whoever was stopped, and the next one asks. An error is not kept: who comes later asks
    // anew. Cancelled, Unavailable: stopped, or past the deadline, while another one was asking.
    template <class IsGood, class Ask>
    Result<T> get(IsGood is_good, Ask ask, Deadline deadline, const Clock& clock,
                  const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        const auto until =
            std::chrono::steady_clock::now() + std::min(deadline.left(clock), wait_max);
        while (!(answer_ && is_good(*answer_)) && asking_) {
            const std::uint64_t round = round_;
            const bool came =
                changed_.wait_until(lock, stop, until, [&] { return round_ != round; });
            if (!came && stop.stop_requested())
                return Error(ErrorKind::Cancelled, "waiting for an answer was stopped");
            if (!came) return Error(ErrorKind::Unavailable, "no answer before the deadline");
            if (failure_ && failure_->kind() != ErrorKind::Cancelled) return *failure_;
        }
        if (answer_ && is_good(*answer_)) return *answer_;
        asking_ = true;
        lock.unlock();
        Turn turn(*this);
        Result<T> answer = ask();
        turn.brought(answer);
        return answer;
    }

    // Drops the answer if `is_it` says that it is the one meant: it may have been replaced already.
    template <class IsIt>
    void forget(IsIt is_it) {
        const std::lock_guard lock(mutex_);
        if (answer_ && is_it(*answer_)) answer_.reset();
    }
    void forget() {
        forget([](const T&) { return true; });
    }

private:
    // Of the one who asks: ends however that ends, or all others would wait for nothing.
    class Turn {
    public:
        explicit Turn(AskedOnce& owner) : owner_(owner) {}
        void brought(const Result<T>& answer) { answer_ = answer; }
        ~Turn() {
            const std::lock_guard lock(owner_.mutex_);
            owner_.asking_ = false;
            ++owner_.round_;
            owner_.failure_.reset();
            if (answer_ && !*answer_) owner_.failure_ = answer_->error();
            if (answer_ && *answer_) owner_.answer_ = std::move(**answer_);
            owner_.changed_.notify_all();
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        AskedOnce& owner_;
        std::optional<Result<T>> answer_;
    };
    static constexpr Milliseconds wait_max = std::chrono::hours(1);
    std::mutex mutex_;  // guards what follows
    std::condition_variable_any changed_;
    bool asking_ = false;
    std::uint64_t round_ = 0;       // how often somebody has asked
    std::optional<Error> failure_;  // of the last one who asked
    std::optional<T> answer_;
};

}  // namespace consultd
