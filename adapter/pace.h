// Pace: how fast a source may be asked, by all transfers together, as it is learnt from the
// source's own refusals (429, 503 with Retry-After). Knows nothing of transfers; a wait that is
// long is not sat through but given back, so that no thread spends it.
// https://www.rfc-editor.org/rfc/rfc6585#section-4
#pragma once

#include <memory>
#include <mutex>

#include "fhir/client/http.h"

namespace consultd {

class Pace {
public:
    // How long until the next request may go; where that is no longer than `most`, its place is
    // taken.
    Milliseconds take(MonotonicTime now, Milliseconds most);
    // The source took a request.
    void answered();
    // It wants no more before that span is over. What it took before it said so, and the time that
    // went by with what it asks for, are its rate.
    void refused(MonotonicTime now, Milliseconds retry_after);

private:
    std::mutex mutex_;  // guards what follows
    MonotonicTime closed_until_{};
    MonotonicTime next_{};                   // when the next one may go, at the rate
    Milliseconds interval_{0};               // between two; 0: no rate is known
    std::optional<MonotonicTime> counting_;  // since when
    std::int64_t taken_ = 0;
    std::int64_t taken_at_rate_ = 0;  // since the rate last changed
};

// The transport of a source, at its pace. RateLimited, with `retry_after_s`: the wait is longer
// than a thread sits through; nothing was sent.
std::unique_ptr<fhir::HttpTransport> paced(std::unique_ptr<fhir::HttpTransport> transport,
                                           Clock& clock);

}  // namespace consultd
