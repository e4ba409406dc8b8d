// Evidence: what proves that a delivery is at its destination, that it is not, or that nobody
// knows. One table (evidence.cpp) says so, each row with its reason; look() gathers what it goes
// by. An answer is never overruled by a search that finds nothing, nor a refusal by a Task that is
// found.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapter/stages/deliver/account.h"
#include "adapter/stages/deliver/content.h"
#include "adapter/stages/deliver/deliver.h"

namespace consultd {

// Whether a Patient that lies there is whose record it is. Empty: nobody is there to compare with.
using IsThatPerson = std::function<bool(fhir::JsonView theirs)>;

// What the account has in no request: not there, whether it can be asked for or not; or the account
// may be an older copy of itself.
enum class Unsent { IsNotThere, MayBeThere };

// What is held against what lies there.
struct Known {
    IsThatPerson is_that_person = {};
    Unsent unsent = Unsent::MayBeThere;
    const SentContent* content = nullptr;  // null: it is gone by now
    bool finds_tasks = false;              // a Task of ours was found there by its identifier
    bool knows_conditions = false;         // what is sent again under its condition adds nothing
};

// What was found by asking. The account has what was learnt of each entry, also where it broke off.
struct Look {
    ReadBack task;
    std::size_t missing = 0;           // asked for, and not found
    std::size_t unaskable = 0;         // nothing there can be asked for it
    bool is_next_unaskable = false;    // nor for what was, one by one, sent last
    bool is_nothing_askable = false;   // no question was answered at all
    bool is_other_person = false;      // something of it lies in somebody else's chart
    std::vector<std::string> others;   // that chart: "Patient/9"
    std::size_t charts_missing = 0;    // that something of it is about, and that are not there
    std::size_t charts_unaskable = 0;  // or of which nobody can say whose they are
    std::vector<std::string> doubled;  // what lies there once more: "Task/9"
    std::size_t learnt = 0;            // entries of which more is known than before
    bool finds_tasks = false, knows_conditions = false;  // as known, or as was seen now
    std::optional<Error> broken;  // an answer that did not come: to be asked again
};
// Reads what lies at a known place, then searches for the rest by its names, then follows those who
// refer to it; when all is there, what an earlier look has seen is seen once more. Each answer is
// asked for anew (no-cache). An error: no answer came when the Task was asked for.
Result<Look> look(fhir::FhirClient& client, const std::string& transfer_id, Account& account,
                  const Known& known, const fhir::Call& call);

enum class Arrival {
    Whole,        // all of it is there: delivered
    NotAllTaken,  // some of it is there, and some will not be
    AskLater,     // what was sent may still be at work there, or not be found yet
    Nothing,      // it was asked by every name, after its time, and nothing is there
    GoOn,         // a part is there; the rest is to be sent
    NobodyKnows,  // something cannot be asked for: a person must look
    OtherPerson,  // it lies in a chart that is not the patient's
};
// `is_settled`: the destination had its time since the last request left. `is_any_lost`: it was
// answered for, and is not found. `is_any_wrong`: what lies there is not what was sent.
// `is_last_unaskable`: of what goes one by one. `is_nothing_askable`: the destination answers no
// question about it. `is_task_unseen`: the Task may be there, and no search need show it.
struct Facts {
    bool is_any_refused = false, is_all_seen = false, is_any_there = false;
    bool is_task_there = false, is_any_unaskable = false, is_settled = false;
    bool is_any_wrong = false, is_any_lost = false, is_last_unaskable = false;
    bool is_nothing_askable = false, is_other_person = false, is_chart_missing = false;
    bool is_task_unseen = false;
};
Arrival arrival_of(const Facts& facts);
Facts facts_of(const Account& account, const Look& seen, bool is_settled);

}  // namespace consultd
