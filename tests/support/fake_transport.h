// FakeTransport: a scripted HttpTransport. Each request is recorded and answered by the handler,
// either at once or, with `hold`, when the test says so.
//
//     FakeTransport transport([](const fhir::HttpRequest& request) { return json_answer(200, "{}");
//     });
//
// or by a table: transport.on("GET", "https://ehr.example/fhir/metadata", json_answer(200, text));
// answers given several times for one request are used in turn, the last one again and again. A
// request that nothing is scripted for is answered with 404 and counted in `unexpected`.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fhir/client/http.h"

namespace consultd::testing {

inline fhir::HttpResponse answer(int status, std::string content_type, std::string body) {
    fhir::HttpResponse response;
    response.status = status;
    if (!content_type.empty()) response.headers.add("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
}

inline fhir::HttpResponse json_answer(int status, std::string body) {
    return answer(status, "application/fhir+json; charset=utf-8", std::move(body));
}

class FakeTransport final : public fhir::HttpTransport {
public:
    using Answer = Result<fhir::HttpResponse>;
    using Handler = std::function<Answer(const fhir::HttpRequest&)>;

    FakeTransport() = default;
    explicit FakeTransport(Handler handler) : handler_(std::move(handler)) {}

    FakeTransport& on(const std::string& method, const std::string& url, Answer answer) {
        const std::lock_guard lock(mutex_);
        script_[method + " " + url].push_back(std::move(answer));
        return *this;
    }

    // From now on answers wait until `let_go`.
    void hold() {
        const std::lock_guard lock(mutex_);
        holding_ = true;
    }
    void let_go() {
        std::vector<std::pair<std::promise<Answer>, fhir::HttpRequest>> held;
        {
            const std::lock_guard lock(mutex_);
            holding_ = false;
            held.swap(held_);
        }
        for (auto& [promise, request] : held) promise.set_value(answer_to(request));
    }

    std::future<Answer> start(fhir::HttpRequest request, std::stop_token stop) override {
        std::promise<Answer> promise;
        auto future = promise.get_future();
        std::unique_lock lock(mutex_);
        requests_.push_back(request);
        if (stop.stop_requested()) {
            promise.set_value(Error(ErrorKind::Cancelled, "exchange was stopped"));
        } else if (holding_) {
            held_.emplace_back(std::move(promise), std::move(request));
        } else {
            lock.unlock();
            promise.set_value(answer_to(request));
        }
        return future;
    }

    std::vector<fhir::HttpRequest> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    // "GET https://…", in the order they came.
    std::vector<std::string> log() const {
        std::vector<std::string> lines;
        for (const auto& request : requests())
            lines.push_back(request.method + " " + request.url.text());
        return lines;
    }
    std::size_t unexpected() const {
        const std::lock_guard lock(mutex_);
        return unexpected_;
    }

private:
    Answer answer_to(const fhir::HttpRequest& request) {
        if (handler_) return handler_(request);
        const std::lock_guard lock(mutex_);
        const auto found = script_.find(request.method + " " + request.url.text());
        if (found == script_.end()) {
            ++unexpected_;
            return answer(404, "", "");
        }
        Answer next = found->second.front();
        if (found->second.size() > 1) found->second.pop_front();
        return next;
    }

    mutable std::mutex mutex_;
    Handler handler_;
    std::map<std::string, std::deque<Answer>> script_;
    std::vector<fhir::HttpRequest> requests_;
    std::vector<std::pair<std::promise<Answer>, fhir::HttpRequest>> held_;
    bool holding_ = false;
    std::size_t unexpected_ = 0;
};

}  // namespace consultd::testing
