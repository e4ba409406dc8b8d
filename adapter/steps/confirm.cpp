#include "adapter/steps/confirm.h"

#include <algorithm>
#include <utility>

#include "adapter/prepare.h"
#include "adapter/stages/deliver/ask.h"
#include "adapter/stages/deliver/identity.h"
#include "adapter/steps/delivered.h"
#include "adapter/steps/identify.h"
#include "adapter/steps/withdraw.h"
#include "adapter/verdict.h"

namespace consultd::steps {
namespace {

constexpr Milliseconds settle_proven = std::chrono::seconds(30);
constexpr Milliseconds settle_unproven = std::chrono::minutes(10);
constexpr Milliseconds look_again = std::chrono::seconds(5);
constexpr Milliseconds look_span = std::chrono::minutes(10);

// Of the destination's time since a request last left.
struct Wait {
    Milliseconds span, remaining;
    bool is_over() const { return remaining <= Milliseconds(0); }
    // Asked soon, and then after as long again as has passed.
    Milliseconds until_next_look() const {
        return std::min(remaining, std::max<Milliseconds>(look_again, span - remaining));
    }
};
Wait wait_for(const Context& context, const Account& account) {
    const Milliseconds span = settle_span(context.destination_config().deliver,
                                          context.destination().learnt(), account.is_all_ours());
    return {span, context.settling.remaining(context.transfer.id, span)};
}

// Nothing of it can be at work there, and each request that left was answered for whole: the next
// one may follow.
bool is_between_requests(const Context& context, const Account& account) {
    const auto is_to_be_sent = [](const auto& entry) {
        return entry.location.empty() && entry.status == 0;
    };
    const auto is_in_place = [](const auto& entry) {
        return !entry.location.empty() || entry.status == 0;
    };
    return context.settling.has_left(context.transfer.id) && account.requests > 0 &&
           !account.is_open && !account.refusal &&
           std::ranges::any_of(account.entries, is_to_be_sent) &&
           std::ranges::all_of(account.entries, is_in_place);
}

Outcome asked_later(const Context& context, Transfer transfer, Milliseconds wait) {
    transfer.due = context.due_in(std::max(wait, Milliseconds(1)));
    return to(TransferState::Uncertain, std::move(transfer));
}

Outcome nobody_knows(const Context& context, Transfer transfer) {
    set_reason(transfer, verdict_of(ErrorKind::Uncertain).reason, &context.destination());
    return to(TransferState::Held, std::move(transfer));
}

// What of it was seen there, a patient may ask for: the log says so, whatever becomes of the rest.
Outcome telling_of_parts(Outcome outcome, const Account& account) {
    if (account.is_any_located()) outcome.event = PartThere{parts_there(account)};
    return outcome;
}

// That it could not be asked says nothing of what is there, whatever the answer was.
Outcome asked_in_vain(const Context& context, Transfer transfer, const Error& error) {
    constexpr ErrorKind no_answers[] = {ErrorKind::Malformed, ErrorKind::TooLarge,
                                        ErrorKind::NotFound, ErrorKind::Unsupported};
    if (std::ranges::find(no_answers, error.kind()) == std::end(no_answers))
        return stands(context, std::move(transfer), error);
    context.tell("asked-in-vain", error);
    return unknown(context, std::move(transfer), error);
}

// What was learnt is kept, and the rest is asked for another time.
Outcome broken_off(const Context& context, Transfer transfer, const Look& seen) {
    if (seen.learnt > 0) transfer.attempts = 0;
    return asked_in_vain(context, std::move(transfer), *seen.broken);
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
    return all;
}

fhir::Json json_of(const std::vector<std::string>& words) {
    std::vector<fhir::Json> items;
    for (const std::string& word : words) items.emplace_back(word);
    return fhir::Json::array(items);
}

// It lies in a chart that is not the patient's, so that two are harmed: nothing follows it, and
// whoever can mend it there is told where to look.
Outcome other_person(const Context& context, Transfer transfer, Account& account,
                     const Look& seen) {
    std::vector<std::string> places;
    for (const AccountEntry& entry : account.entries)
        if (entry.is_part_there()) places.push_back(entry.location);
    context.log.error("in-another-chart", {{"transfer", OwnId(transfer.id)},
                                           {"entries", static_cast<std::uint64_t>(places.size())}});
    // Whoever looks again reads of each in whose chart it lies by then.
    for (AccountEntry& entry : account.entries) entry.is_seen = entry.is_confirmed = false;
    if (!transfer.sent) transfer.sent = context.now();
    set_reason(transfer, "in-another-chart", &context.destination());
    const fhir::Json told =
        fhir::Json::object({{"charts", json_of(seen.others)}, {"entries", json_of(places)}});
    return to(TransferState::Held, std::move(transfer))
        .with(Part::Delivery, told.print())
        .after(InAnotherChart{{{"charts", joined(seen.others)}, {"parts-there", joined(places)}}});
}

// Of what was not found there no place is known, and no answer counts.
void forget_unseen(Account& account) {
    for (AccountEntry& entry : account.entries)
        if (!entry.is_seen) {
            entry.location.clear();
            entry.is_confirmed = false;
            entry.status = 0;
        }
    account.is_open = false;
}

// What lies there of it is not whole, and a person wants it back.
bool is_to_be_taken_back(const Context& context, const Account& account) {
    return context.transfer.sent && context.transfer.withdrawal_asked && account.is_any_located();
}

// What is not, or not all, there.
std::optional<Outcome> judged(const Context& context, Account& account, const Look& seen,
                              Arrival arrival, const Wait& wait) {
    Transfer transfer = context.transfer;
    switch (arrival) {
        case Arrival::OtherPerson:
            if (is_to_be_taken_back(context, account)) break;
            return other_person(context, std::move(transfer), account, seen);
        case Arrival::NotAllTaken:
            if (is_to_be_taken_back(context, account)) break;
            return not_all_taken(context, std::move(transfer), account);
        case Arrival::AskLater:
            // Its answer said of each that it was taken, and not where: by now that was found.
            if (is_between_requests(context, account) && !account.is_any_wrong()) break;
            // Bytes may have left: from now on the state says so too.
            if (!transfer.sent) transfer.sent = context.now();
            return asked_later(context, std::move(transfer), wait.until_next_look());
        case Arrival::NobodyKnows:
            if (is_to_be_taken_back(context, account)) break;
            return telling_of_parts(nobody_knows(context, std::move(transfer)), account);
        case Arrival::Whole:
        case Arrival::Nothing:
        case Arrival::GoOn:
            forget_unseen(account);
            break;
    }
    return std::nullopt;
}

// Right: the next request may follow into it. Doubtful: it is not there, is another person's, or
// was not read: all that is there is to be looked at. Retired: it was merged into another, or is
// out of use, since the first request left.
enum class ChartNow { Right, Doubtful, Retired };

ChartNow chart_now(const Context& context, const Account& account,
                   const IsThatPerson& is_that_person) {
    const std::string chart = account.chart_there();
    if (chart.empty() || context.transfer.withdrawal_asked) return ChartNow::Right;
    fhir::Call call = context.exchange();
    call.is_fresh = true;
    const Result<fhir::Resource> found = chart_there(context.destination(), chart, call);
    if (!found && found.error().kind() == ErrorKind::Conflict) return ChartNow::Retired;
    const bool is_theirs = found && (!is_that_person || is_that_person(found->json()));
    return is_theirs ? ChartNow::Right : ChartNow::Doubtful;
}

// What follows would be filed where nobody looks.
Outcome into_no_chart(const Context& context, Account& account) {
    account.is_chart_gone = true;
    return not_all_taken(context, context.transfer, account).with(Part::Account, account.print());
}

// What was sent, to be held against what is there; absent once that is gone.
Result<std::optional<fhir::Json>> transaction_kept(const Context& context) {
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::Transaction));
    if (!is_kept) return std::optional<fhir::Json>();
    TRY_ASSIGN(std::string bytes, context.parts.open(Part::Transaction));
    TRY_ASSIGN(fhir::Json transaction, fhir::Json::parse(std::move(bytes), packet_limits()));
    return std::optional(std::move(transaction));
}

// Before the first request: by our transfer's name alone.
Result<ReadBack> ask_for_task(const Context& context) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    fhir::Call call = context.exchange();
    call.is_fresh = true;
    return destination.heard(read_back(*client, context.transfer.id, call));
}

}  // namespace

Milliseconds settle_span(const config::Deliver& settings, const Learnt& learnt, bool is_all_ours) {
    if (settings.settle) return *settings.settle;
    // A second copy adds nothing where our ids are kept, or was seen to be known by its conditions.
    const bool is_proven = (is_all_ours && learnt.keeps_own_ids) || learnt.honours_conditions;
    return std::max(is_proven ? settle_proven : settle_unproven, 2 * learnt.slowest);
}

Result<std::optional<Outcome>> confirm(const Context& context, Account& account) {
    // What was not what was sent may be by now: it is read again.
    for (AccountEntry& entry : account.entries)
        if (std::exchange(entry.is_wrong, false)) entry.is_seen = false;
    const bool may_have_left = context.transfer.sent || context.is_inherited;
    TRY_ASSIGN(const IsThatPerson is_that_person, person_of(context));
    if (may_have_left && is_between_requests(context, account)) {
        const ChartNow chart = chart_now(context, account, is_that_person);
        if (chart == ChartNow::Retired) return std::optional(into_no_chart(context, account));
        if (chart == ChartNow::Right) {
            account.is_chart_gone = false;
            return std::optional<Outcome>();
        }
    }
    if (!may_have_left) {
        const Result<ReadBack> task = ask_for_task(context);
        if (task && !task->found) return std::optional<Outcome>();
        if (!task && !is_unaskable(task.error())) return task.error();
    }
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    TRY_ASSIGN(const std::optional<fhir::Json> sent, transaction_kept(context));
    const std::optional<SentContent> content =
        sent ? std::optional<SentContent>(*sent) : std::nullopt;
    const Known known{.is_that_person = is_that_person,
                      .unsent = context.is_inherited ? Unsent::MayBeThere : Unsent::IsNotThere,
                      .content = content ? &*content : nullptr,
                      .finds_tasks = destination.learnt().finds_tasks,
                      .knows_conditions = destination.learnt().honours_conditions};
    const Result<Look> looked = destination.heard(
        look(*client, context.transfer.id, account, known, context.call(look_span)));
    if (!looked && looked.error().kind() == ErrorKind::Cancelled) return looked.error();
    if (!looked) return std::optional(asked_in_vain(context, context.transfer, looked.error()));
    const Look& seen = *looked;
    destination.learn([&](Learnt& learnt) { learnt.finds_tasks = seen.finds_tasks; }, "found");
    if (seen.broken && !account.is_any_refused())
        return std::optional(
            broken_off(context, context.transfer, seen).with(Part::Account, account.print()));
    // Nothing has left, by what the state and the log say, and nothing of it is found by any name
    // that can be asked for: what is answered to the first request says where it lies.
    if (!may_have_left && !facts_of(account, seen, true).is_any_there)
        return std::optional<Outcome>();
    const Wait wait = wait_for(context, account);
    const Arrival arrival = arrival_of(facts_of(account, seen, wait.is_over()));
    if (arrival == Arrival::Whole) {
        Transfer transfer = context.transfer;
        if (!transfer.sent) transfer.sent = context.now();
        TRY_ASSIGN(Outcome whole, delivered(context, std::move(transfer), seen.task,
                                            evidence_of(account, seen.doubled)));
        return std::optional(std::move(whole).with(Part::Account, account.print()));
    }
    std::optional<Outcome> outcome = judged(context, account, seen, arrival, wait);
    if (outcome) outcome->parts.push_back({Part::Account, account.print()});
    return outcome;
}

Outcome unknown(const Context& context, Transfer transfer, const Error& error) {
    if (++transfer.attempts >= context.attempts_max)
        return nobody_knows(context, std::move(transfer));
    return asked_later(context, std::move(transfer),
                       backoff(transfer.attempts, error, context.random));
}

Outcome not_all_taken(const Context& context, Transfer transfer, const Account& account) {
    const auto missing = std::ranges::count_if(account.entries, &AccountEntry::is_missing);
    context.log.error("not-all-taken", {{"transfer", OwnId(transfer.id)},
                                        {"entries", static_cast<std::uint64_t>(missing)}});
    set_reason(transfer, "not-all-taken", &context.destination());
    return telling_of_parts(
        to(TransferState::Held, std::move(transfer)).with(Part::Refusals, account.not_taken()),
        account);
}

}  // namespace consultd::steps
