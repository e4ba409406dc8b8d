#include "adapter/stages/deliver/evidence.h"

#include <algorithm>

#include "adapter/stages/deliver/entries.h"

namespace consultd {
namespace {

struct Row {
    bool (*fits)(const Facts&);
    Arrival arrival;
};
// The first row that fits.
constexpr Row rows[] = {
    // In somebody else's chart it is not where it belongs, and nothing more may follow it.
    {[](const Facts& facts) { return facts.is_other_person; }, Arrival::OtherPerson},
    // What it said that it did not take is not there, whatever else is.
    {[](const Facts& facts) { return facts.is_any_refused; }, Arrival::NotAllTaken},
    // Each entry was read there, the documents with their bytes, once all of it was there.
    {[](const Facts& facts) { return facts.is_all_seen && !facts.is_any_wrong; }, Arrival::Whole},
    // A request may still be at work, and an index may lag: that something is not found is no
    // proof.
    {[](const Facts& facts) { return !facts.is_settled; }, Arrival::AskLater},
    // What was filed in it was filed nowhere, and nothing more may follow it.
    {[](const Facts& facts) { return facts.is_chart_missing; }, Arrival::NotAllTaken},
    // What lies there, after its time, is not what was sent.
    {[](const Facts& facts) { return facts.is_any_wrong; }, Arrival::NotAllTaken},
    // It said that it took it, or had it: that nothing is found does not overrule that, and a
    // second copy might be one.
    {[](const Facts& facts) { return facts.is_any_lost; }, Arrival::NobodyKnows},
    // What was sent last, and by itself, may be there.
    {[](const Facts& facts) { return facts.is_last_unaskable; }, Arrival::NobodyKnows},
    // Where no question is answered, nothing can be said.
    {[](const Facts& facts) { return facts.is_nothing_askable; }, Arrival::NobodyKnows},
    // Nothing was found by any name, after its time.
    {[](const Facts& facts) { return !facts.is_any_there; }, Arrival::Nothing},
    // An entry without a name that it can be asked for may be there, or not.
    {[](const Facts& facts) { return facts.is_any_unaskable; }, Arrival::NobodyKnows},
    // The Task goes last: nothing more is on its way, and something is missing.
    {[](const Facts& facts) { return facts.is_task_there; }, Arrival::NotAllTaken},
    // It went with what is there, or by itself; some let nobody see a Task but whoever it is for.
    {[](const Facts& facts) { return facts.is_task_unseen; }, Arrival::NobodyKnows},
    // What is there is known, and so is what is not.
    {[](const Facts&) { return true; }, Arrival::GoOn},
};

// It said no to the request as such, or to come back later: nothing became of that.
bool was_told_no(const Account& account) {
    const int status = account.refusal ? account.refusal->status : 0;
    const bool is_of_the_request = status >= 400 && status <= 499 && status != 408 && status != 409;
    return is_of_the_request || status == 503;
}

// 202: what becomes of it comes later, and may come whenever it can.
// https://www.rfc-editor.org/rfc/rfc9110#section-15.3.3
bool was_accepted(const Account& account) {
    return account.refusal && account.refusal->status == 202;
}

// The Task left, what became of it was not answered, and a search that does not find it proves
// little: of all types it is the one that servers show to its owner alone. What went before it in
// one transaction and is there says that the transaction was carried out. Without such a witness,
// only a destination that was seen to find Tasks has none where it finds none.
bool is_task_unseen(const Account& account, const Look& seen) {
    if (account.entries.empty() || account.entries.back().type != "Task") return false;
    const AccountEntry& task = account.entries.back();
    // Under an id of ours it is there or not, where those are kept.
    const bool is_known =
        task.is_seen || seen.task.found || (!task.own.empty() && account.keeps_our_ids());
    const bool adds_nothing = seen.knows_conditions && account.has_conditions;
    if (is_known || task.request == 0 || adds_nothing) return false;
    const AccountEntry* witness = nullptr;
    for (const AccountEntry& entry : account.entries)
        if (&entry != &task && entry.request == task.request && entry.by == "identifier")
            witness = &entry;
    if (witness != nullptr) return witness->is_seen;
    return !seen.finds_tasks && !was_told_no(account);
}

}  // namespace

Facts facts_of(const Account& account, const Look& seen, bool is_settled) {
    // A chart that goes by the patient's name may be there because of another transfer.
    const auto is_there_for_us = [](const AccountEntry& entry) {
        return entry.is_seen && entry.system != patient_system;
    };
    const bool has_its_charts = seen.charts_missing == 0 && seen.charts_unaskable == 0;
    return {
        .is_any_refused = account.is_any_refused(),
        .is_all_seen = account.is_all_confirmed() && seen.task.found && has_its_charts,
        .is_any_there = seen.task.found || std::ranges::any_of(account.entries, is_there_for_us),
        .is_task_there = seen.task.found,
        .is_any_unaskable = seen.unaskable != 0 || seen.charts_unaskable != 0,
        .is_settled = is_settled,
        .is_any_wrong = account.is_any_wrong(),
        .is_any_lost = was_accepted(account) || std::ranges::any_of(account.entries,
                                                                    [](const AccountEntry& entry) {
                                                                        return entry.is_taken() &&
                                                                               !entry.is_seen;
                                                                    }),
        .is_last_unaskable = account.is_sequence && seen.is_next_unaskable,
        .is_nothing_askable = seen.is_nothing_askable,
        .is_other_person = seen.is_other_person,
        .is_chart_missing = seen.charts_missing != 0,
        .is_task_unseen = is_task_unseen(account, seen)};
}

Arrival arrival_of(const Facts& facts) {
    for (const Row& row : rows)
        if (row.fits(facts)) return row.arrival;
    return Arrival::NobodyKnows;
}

}  // namespace consultd
