// Workers: the handler's threads and the bounded queue of requests that wait for one. Knows no
// HTTP.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace consultd::web {

class Workers {
public:
    explicit Workers(std::size_t queue_length_max) : queue_length_max_(queue_length_max) {}
    ~Workers() { finish(); }

    void start(std::size_t threads) {
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    }
    // False when the queue is full or closed.
    bool offer(std::function<void()> job) {
        {
            const std::scoped_lock lock(mutex_);
            if (finished_ || jobs_.size() >= queue_length_max_) return false;
            jobs_.push_back(std::move(job));
        }
        ready_.notify_one();
        return true;
    }
    // Forgets what waits, and returns when what runs is done.
    void finish() {
        {
            const std::scoped_lock lock(mutex_);
            finished_ = true;
            jobs_.clear();
        }
        ready_.notify_all();
        threads_.clear();
    }

private:
    void run() {
        for (;;) {
            std::function<void()> job;
            {
                std::unique_lock lock(mutex_);
                ready_.wait(lock, [this] { return finished_ || !jobs_.empty(); });
                if (finished_) return;
                job = std::move(jobs_.front());
                jobs_.pop_front();
            }
            job();
        }
    }
    const std::size_t queue_length_max_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> jobs_;
    bool finished_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace consultd::web
