// pull: reads one patient's record from the source: a plan from /metadata and the search plan of
// knowledge, all pages, references followed, attachments fetched, every resource proven to be this
// patient's, gaps named. A Pull that failed with an error worth another try goes on where it
// stopped: searches that were complete are not repeated.
#pragma once

#include <memory>
#include <optional>

#include "adapter/knowledge/search_plan.h"
#include "adapter/stages/record.h"
#include "config/config.h"
#include "fhir/client/capability.h"

namespace consultd {

struct PullProgress {
    std::uint64_t requests = 0, pages = 0, resources = 0;
    std::uint64_t searches_done = 0, searches = 0;
};

class Pull {
public:
    // `capability`: what the source says it can do, where it was asked already. The client, the
    // table and the clock outlive the pull.
    // `aliases`: what the source calls its base besides.
    Pull(fhir::FhirClient& client, const SearchPlan& table, const config::Pull& settings,
         const config::Limits& limits, std::string patient_id, Clock& clock,
         std::optional<fhir::Capability> capability = std::nullopt,
         std::vector<fhir::Url> aliases = {});
    ~Pull();
    // The whole record, or an error: never a short result. Zero clinical resources is a gap in it.
    // Unavailable, RateLimited: call again later. NotFound: no such patient here.
    Result<Record> run(Deadline deadline, std::stop_token stop);
    PullProgress progress() const;
    // Nobody will come back for the rest: the source is told where it is still at work.
    void abandon(Deadline deadline);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace consultd
