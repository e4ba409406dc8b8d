// Conversation: what the parts of a pull share: the client, the limits, what has come, the gaps and
// the count of the work. And which errors end a run, and the words for those that leave a gap.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "adapter/stages/candidates/candidates.h"
#include "adapter/stages/pull/pull.h"
#include "adapter/stages/pull/signed_urls.h"

namespace consultd {

// Gaps, each named once; the first reason stands.
class Gaps {
public:
    void add(std::string what, StaticText reason) { gaps_.emplace(std::move(what), reason); }
    void add(const Gap& gap) { add(gap.what, gap.reason); }
    std::vector<Gap> list() const {
        std::vector<Gap> list;
        for (const auto& [what, reason] : gaps_) list.push_back({what, reason});
        return list;
    }

private:
    std::map<std::string, StaticText> gaps_;
};

// The count of the work, which a console may read while the pull goes on.
class ProgressBoard {
public:
    PullProgress read() const {
        const std::lock_guard lock(mutex_);
        return progress_;
    }
    template <class Change>
    void change(Change change) {
        const std::lock_guard lock(mutex_);
        change(progress_);
    }

private:
    mutable std::mutex mutex_;
    PullProgress progress_;
};

struct PullConversation {
    fhir::FhirClient& client;
    const config::Pull settings;
    const config::Limits limits;
    std::optional<fhir::Capability> capability;  // of the source, once it is known
    ProgressBoard progress;
    Gaps gaps;
    std::optional<Candidates> candidates;   // once the patient is known
    std::optional<SignedUrls> signed_urls;  // likewise

    std::size_t parallel() const { return settings.parallel == 0 ? 1 : settings.parallel; }
    void count_request() {
        progress.change([](PullProgress& p) { ++p.requests; });
    }
};

// Nothing more can be had now; the run ends with this error and a later one goes on. `attempts` is
// how often this very request has failed: a server that answers 500 each time to one request and
// not to the others has a fault in that one, which then is a gap.
bool ends_run(const Error& error, int attempts);
// "http-403", "page-cap", "foreign-host" …
StaticText gap_reason(const Error& error);

}  // namespace consultd
