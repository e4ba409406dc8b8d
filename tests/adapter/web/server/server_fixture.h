// ServerTest: the server with a handler that says what it was asked, and clients of raw bytes.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>

#include "adapter/web/server/server.h"
#include "tests/adapter/web/server/raw_client.h"

namespace consultd::web {

inline const std::string host = "Host: localhost\r\n";

class ServerTest : public ::testing::Test {
protected:
    void start(ServerOptions options = {}) {
        auto started = Server::start(
            options, [this](const ServerRequest& request) { return answer(request); });
        ASSERT_TRUE(started) << started.error().message();
        server_ = std::move(*started);
    }
    // Says what it was asked; "/wait" waits until the test lets go.
    ServerResponse answer(const ServerRequest& request) {
        if (request.path == "/throw") throw std::runtime_error("secret");
        if (request.path == "/drop") return {200, {}, {}, true};
        if (request.path == "/split") return {200, {{"X", "a\r\nSet-Cookie: b"}}, {}, false};
        if (request.path == "/wait") {
            std::unique_lock lock(mutex_);
            ++waiting_;
            changed_.notify_all();
            changed_.wait(lock, [this] { return released_; });
        }
        std::string body = request.method + " " + request.path + " [" + request.query + "] " +
                           std::to_string(request.body.size());
        if (request.client_certificate_subject) body += " " + *request.client_certificate_subject;
        return {200, {{"Content-Type", "text/plain"}}, body, false};
    }
    void await_waiting(int count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= count; });
    }
    void release() {
        const std::scoped_lock lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }
    testing::RawClient connect() { return testing::RawClient(server_->port()); }
    std::string ask(const std::string& bytes) {
        testing::RawClient client = connect();
        client.send(bytes);
        return client.read_answer();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool released_ = false;
    std::unique_ptr<Server> server_;
};

}  // namespace consultd::web
