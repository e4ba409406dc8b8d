// Searches: the plan's searches, several under way at once, each to its last page. One that fails
// leaves a gap and never stops the others; what is complete is not asked for again by a later run.
// https://hl7.org/fhir/R4/search.html
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "adapter/stages/pull/conversation.h"
#include "adapter/stages/pull/plan.h"
#include "fhir/client/search.h"

namespace consultd {

class Searches {
public:
    void add(std::vector<TypePlan> types);
    // Until all are done. Unavailable, RateLimited, Unauthorized, Cancelled: those that are done
    // stay done, the others go on with the page that was due. Conflict, TooLarge: as
    // Candidates::add.
    Status run(PullConversation& conversation, const fhir::Call& call);

private:
    enum class Outcome { Open, Answered, Refused, Failed };
    struct QueryRun {
        Query query;
        std::unique_ptr<fhir::Search> search;
        Outcome outcome = Outcome::Open;
        int failures = 0;
        std::size_t matches = 0;
        std::uint64_t requests_told = 0, pages_told = 0;
    };
    struct TypeRun {
        TypePlan plan;
        std::size_t attempt = 0;
        std::deque<QueryRun> queries;  // of the attempt
        bool done = false;
    };
    using Active = std::pair<TypeRun*, QueryRun*>;

    void begin_attempt(TypeRun& type);
    bool start_next(PullConversation& conversation, const fhir::Call& call,
                    std::deque<Active>& active);
    Status take_in(PullConversation& conversation, QueryRun& run);
    void fail(PullConversation& conversation, QueryRun& run, const Error& error);
    Status settle(PullConversation& conversation, TypeRun& type);
    void tell(PullConversation& conversation, QueryRun& run);

    std::deque<TypeRun> types_;
};

}  // namespace consultd
