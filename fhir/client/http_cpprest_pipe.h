// BodyPipe: a body on its way from cpprestsdk's thread to the caller's, one piece at a time: the
// library reads no further from its socket until the piece is taken, so that no more than one is in
// memory. Knows nothing of what the pieces mean.
#pragma once

#include <cpprest/streams.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <string>

#include "fhir/client/http.h"

namespace consultd::fhir::cpprest {

class BodyPipe : public std::enable_shared_from_this<BodyPipe> {
public:
    // ---- the library's end
    concurrency::streams::ostream stream();
    // The head of the answer is there; before it no piece is taken.
    void begin(HttpResponse head);
    pplx::task<std::size_t> put(std::string piece);
    // Nothing more comes.
    void end();

    // ---- the caller's end
    // Until the end: what a 200 brings goes to `sink`, uncompressed; what another status brings is
    // the result, as far as it is short. An error of `sink`, or of the coding, is the result.
    Result<std::string> drain(const std::future<Result<HttpResponse>>& answer, const BodySink& sink,
                              std::uint64_t bytes_max);
    // Whatever comes still is let go.
    void discard();
    // How many came, as they were on the wire.
    std::uint64_t bytes() const;

private:
    std::optional<std::string> take();

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::optional<HttpResponse> head_;
    std::optional<std::string> piece_;
    pplx::task_completion_event<std::size_t> taken_;
    std::uint64_t bytes_ = 0;
    bool has_ended_ = false, is_discarding_ = false;
};

}  // namespace consultd::fhir::cpprest
