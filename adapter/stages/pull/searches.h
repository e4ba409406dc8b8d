// Searches: the plan's searches, several under way at once, each to its last page. One that fails
// leaves a gap and never stops the others; what is complete is not asked for again by a later run.
// https://hl7.org/fhir/R4/search.html
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "adapter/stages/pull/brought.h"
#include "adapter/stages/pull/conversation.h"
#include "adapter/stages/pull/type_run.h"

namespace consultd {

class Searches {
public:
    void add(std::vector<TypePlan> types);
    // As checks of what came by an operation.
    void check(std::vector<TypePlan> types, const Brought& brought);
    // What a list of questions alone shows, the operation may.
    bool need_witness() const;
    void confirm(const Brought& brought);
    // Until all are done. Unavailable, RateLimited, Unauthorized, Cancelled: those that are done
    // stay done, the others go on with the page that was due. Conflict, TooLarge: as
    // Candidates::add.
    Status run(PullConversation& conversation, const fhir::Call& call);
    // Of the types that are done.
    std::vector<TypeProof> proofs() const;
    void add_gaps(Gaps& gaps) const;

private:
    using QueryRun = TypeRun::QueryRun;
    using Active = std::pair<TypeRun*, QueryRun*>;

    bool start_next(PullConversation& conversation, const fhir::Call& call,
                    std::deque<Active>& active);
    Status take_in(PullConversation& conversation, TypeRun& type, QueryRun& run);
    void fail(PullConversation& conversation, TypeRun& type, QueryRun& run, const Error& error);
    void settle(PullConversation& conversation, TypeRun& type);
    void tell(PullConversation& conversation, QueryRun& run);

    std::deque<TypeRun> types_;
};

}  // namespace consultd
