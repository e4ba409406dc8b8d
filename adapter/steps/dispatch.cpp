#include "adapter/steps/dispatch.h"

#include <algorithm>

#include "adapter/prepare.h"
#include "adapter/stages/deliver/entries.h"
#include "adapter/stages/deliver/ways.h"
#include "adapter/steps/confirm.h"
#include "adapter/steps/identify.h"
#include "adapter/steps/sent_before.h"
#include "adapter/steps/shipment.h"
#include "adapter/steps/withdraw.h"
#include "adapter/verdict.h"
#include "fhir/client/http_status.h"

namespace consultd::steps {
namespace {

constexpr Milliseconds send_span = std::chrono::minutes(10);

// By what was answered for: a refusal alone may be of a day.
void teach(Learnt& learnt, const Account& account) {
    const bool has_chosen = account.method == config::Deliver::Method::Auto;
    learnt.refuses_conditions = !account.has_conditions;
    learnt.refuses_transactions = has_chosen && account.is_sequence;
    learnt.takes_only_own_ids = account.is_sequence && account.ids == Account::Ids::Ours;
    learnt.takes_no_own_ids = account.is_sequence && account.ids == Account::Ids::Theirs;
    learnt.entries_max = account.entries_max;
    learnt.bytes_max = account.bytes_max;
}

Result<Outcome> declare_intent(const Context& context) {
    TRY_ASSIGN(const Order order, load_order(context.parts, context.transfer));
    TRY_ASSIGN(SentBefore before, sent_before(context, order, context.transfer.patient_pseudonym));
    if (before.outcome) return *std::move(before.outcome);
    TRY_ASSIGN(audit::Disclosure disclosure, disclosure_of(context));
    Transfer transfer = context.transfer;
    transfer.attempts = 0;
    std::optional<SameOrder> same;
    if (!order.is_again) same = std::move(before.same);
    return to(TransferState::Sending, std::move(transfer))
        .after(Intent{std::move(disclosure), std::move(same)})
        .crash_point("pipeline.sending");
}

// Bytes may have left, it was to be withdrawn, and the destination has nothing of it after the time
// that it needs: so nothing is sent again.
Outcome did_not_arrive(const Context& context) {
    Transfer transfer = context.transfer;
    set_reason(transfer, "cancelled");
    // If we die before this: the outcome is found in the log, and nothing is sent.
    return to(TransferState::Withdrawn, std::move(transfer)).after(NothingThere{});
}

Result<Outcome> make_shipment_ready(const Context& context) {
    TRY_ASSIGN(const Order order, permitted_order(context));
    TRY_ASSIGN(Shipment shipment, shipment_of(context, order));
    return to(TransferState::Prepared, context.transfer)
        .with(Part::Transaction, std::move(shipment.transaction))
        .with(Part::Account, shipment.account.print())
        .crash_point("pipeline.transaction-stored")
        .then(declare_intent);
}

// Some of it is there, and it was to be withdrawn: nothing more is sent.
Outcome stopped_half_way(const Context& context, const Account& account) {
    return to(context.transfer.state, context.transfer)
        .with(Part::Account, account.print())
        .with(Part::Refusals, account.not_taken())
        .after(InPart{parts_there(account)})
        .then([account](const Context& later) { return withdraw_parts(later, account); });
}

// It was asked after its time, and has nothing of what it refused.
Outcome refused(const Context& context, Account& account, const Error& error) {
    Transfer transfer = context.transfer;
    context.tell("refused", error);
    if (!account.is_any_located()) {
        set_reason(transfer, verdict_of(error.kind()).reason, context.peer_of(error));
        return to(TransferState::Refused, std::move(transfer)).after(Refused{});
    }
    for (AccountEntry& entry : account.entries)
        if (entry.location.empty()) {
            entry.status = account.refusal->status;
            entry.issue = account.refusal->issue;
            break;
        }
    return not_all_taken(context, std::move(transfer), account)
        .with(Part::Account, account.print());
}

// A person lets it go on, and then it is sent anew: by the first way, as others were tried in vain.
Outcome let_in_later(const Context& context, Account& account, const Error& error) {
    account.refusal.reset();
    if (!account.is_any_located()) account.start_over();
    return stands(context, context.transfer, error).with(Part::Account, account.print());
}

// Some answer with an error, and have stored it: all that last went was found.
bool is_refuted_refusal(const Account& account) {
    return std::ranges::all_of(account.entries, [&](const AccountEntry& entry) {
        return entry.request != account.requests || !entry.location.empty();
    });
}

// What the last answer was, where it was no success: how to go on. Absent: another request may go.
std::optional<Outcome> answered_with_no(const Context& context, Account& account) {
    if (account.refusal && is_refuted_refusal(account)) account.refusal.reset();
    if (!account.refusal) return std::nullopt;
    const Error error = fhir::error_of_status({.status = account.refusal->status},
                                              fhir::HttpRequest::Effect::Write, context.clock)
                            .with("side", context.destination().side());
    Transfer transfer = context.transfer;
    switch (account.refusal->status == 409 ? ErrorKind::Uncertain : error.kind()) {
        case ErrorKind::Conflict:
            if (find_another_way(account)) break;
            return let_in_later(context, account, error);
        case ErrorKind::Unauthorized:
            return let_in_later(context, account, error);
        case ErrorKind::Forbidden:
            if (account.refusal->status == 403 && find_another_way(account)) break;
            return let_in_later(context, account, error);
        case ErrorKind::Malformed:
        case ErrorKind::Unsupported:
        case ErrorKind::NotFound:
        case ErrorKind::TooLarge:
            if (!find_another_way(account)) return refused(context, account, error);
            break;
        default:
            account.refusal.reset();
            return std::nullopt;  // the same again
    }
    context.log.warn("another-way",
                     {{"transfer", OwnId(transfer.id)}, {"status", account.refusal->status}});
    account.refusal.reset();
    return std::nullopt;
}

// What it says to what it may have had before: only where it says 201 for what is new, and an
// earlier request, whose answer was lost, may have stored it, its 200 shows that it goes by
// conditions.
void learn_of_conditions(const Context& context, const DeliveryRequest& request,
                         const Account& account) {
    bool says_created = context.destination().learnt().says_created, says_known = false;
    bool keeps_ids = false;
    for (const std::size_t place : request.places) {
        const AccountEntry& entry = account.entries[place];
        const bool is_conditional = request.has_conditions && entry.type != "Binary" &&
                                    entry.own.empty() && entry.system != patient_system;
        says_created = says_created || (entry.status == 201 && entry.own.empty());
        keeps_ids = keeps_ids || (!entry.own.empty() && entry.location == entry.own);
        says_known = says_known || (entry.status == 200 && is_conditional);
    }
    const bool is_proven = says_created && says_known && account.lost > 0;
    context.destination().learn(
        [&](Learnt& learnt) {
            teach(learnt, account);
            learnt.says_created = says_created;
            learnt.keeps_own_ids = learnt.keeps_own_ids || keeps_ids;
            learnt.honours_conditions = learnt.honours_conditions || is_proven;
        },
        "answered-2xx");
}

// The answers to each entry, kept, and whether they say of each what became of it.
void take_in(const Context& context, const DeliveryRequest& request,
             const std::vector<EntryAnswer>& answers, Account& account) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
        AccountEntry& entry = account.entries[request.places[i]];
        entry.status = answers[i].status;
        entry.issue = answers[i].issue;
        if (entry.is_refused()) continue;
        entry.location = answers[i].location;
    }
    account.is_open = false;
    ++account.taken;
    account.refusal.reset();
    learn_of_conditions(context, request, account);
}

// Nothing of it was taken, by what it says of each entry: as if it had said so of the whole.
bool refuses_each(const std::vector<EntryAnswer>& answers) {
    return std::ranges::none_of(answers, [](const EntryAnswer& answer) {
        return answer.status >= 200 && answer.status <= 299;
    });
}

Refusal refusal_of(const DeliveryRequest& request, const Result<std::vector<EntryAnswer>>& sent) {
    Refusal refusal{.entries = request.places.size(),
                    .bytes = request.body.size(),
                    .had_conditions = request.has_conditions,
                    .was_put = request.method == "PUT"};
    if (sent) {
        refusal.status = sent->front().status;
        refusal.issue = sent->front().issue;
        return refusal;
    }
    refusal.status = static_cast<int>(sent.error().number("status").value_or(0));
    if (const auto issue = sent.error().text("issue")) refusal.issue = issue->view();
    return refusal;
}

// No byte left, for all that the transport knows.
bool is_certainly_not_sent(const Error& error) {
    return !error.number("status") &&
           (error.kind() == ErrorKind::Unavailable || error.kind() == ErrorKind::Config ||
            error.kind() == ErrorKind::Forbidden);
}

// It says nothing of what became of it, or to come back later.
bool is_no_answer(const Error& error) {
    return error.kind() == ErrorKind::Uncertain || error.kind() == ErrorKind::RateLimited ||
           error.kind() == ErrorKind::Unavailable;
}

// What came of it, kept before anything else is done; then it is asked for.
Outcome keep_answer(const Context& context, Account account, Outcome outcome) {
    context.settling.left(context.transfer.id);
    // If we die before this: the account says that a request left, and it is asked for.
    return std::move(outcome)
        .with(Part::Account, account.print())
        .crash_point("pipeline.answered")
        .then(send);
}

Result<Outcome> hand_over(const Context& context, const DeliveryRequest& request, Account account,
                          std::optional<Instant> sent_before) {
    Peer& destination = context.destination();
    TRY_ASSIGN(fhir::FhirClient* const client, destination.client());
    context.settling.left(context.transfer.id);
    const MonotonicTime begun = context.clock.monotonic_now();
    const Result<std::vector<EntryAnswer>> sent =
        destination.heard(send_request(*client, request, account, context.call(send_span)));
    context.crash_point("pipeline.sent");
    Transfer transfer = context.transfer;
    if (sent && !refuses_each(*sent)) {
        const auto took =
            std::chrono::duration_cast<Milliseconds>(context.clock.monotonic_now() - begun);
        destination.learn([&](Learnt& learnt) { learnt.slowest = std::max(learnt.slowest, took); },
                          "measured");
        take_in(context, request, *sent, account);
        transfer.attempts = 0;
        return keep_answer(context, std::move(account), to(transfer.state, std::move(transfer)));
    }
    if (!sent && is_certainly_not_sent(sent.error())) {
        transfer.sent = sent_before;
        account.is_open = false;
        return stands(context, std::move(transfer), sent.error())
            .with(Part::Account, account.print());
    }
    if (!sent && sent.error().kind() == ErrorKind::Cancelled) return sent.error();
    account.refusal = refusal_of(request, sent);
    context.log.warn("send-uncertain",
                     {{"transfer", OwnId(transfer.id)}, {"status", account.refusal->status}});
    const bool is_lost = !sent && is_no_answer(sent.error());
    account.lost += is_lost ? 1 : 0;
    if (!is_lost)
        return keep_answer(context, std::move(account),
                           to(TransferState::Uncertain, std::move(transfer)));
    Outcome outcome = unknown(context, std::move(transfer), sent.error());
    // Held, or told when to come back: it is asked then.
    const bool is_asked_at_once =
        outcome.transfer.state == TransferState::Uncertain && !sent.error().number("retry_after_s");
    Outcome kept = keep_answer(context, std::move(account), std::move(outcome));
    if (!is_asked_at_once) kept.next = {};
    return kept;
}

// The next request, and what must be durable before its first byte leaves.
Result<Outcome> begin_request(const Context& context, Account account) {
    TRY(permitted_order(context));
    // Matched when this was made ready, which may be a while ago.
    if (!account.chart.empty() && !account.is_any_located()) {
        TRY_ASSIGN(const fhir::Resource patient, patient_sent(context));
        TRY(check_chart(context, patient, account.chart));
    }
    TRY_ASSIGN(std::string bytes, context.parts.open(Part::Transaction));
    TRY_ASSIGN(const fhir::Json transaction, fhir::Json::parse(std::move(bytes), packet_limits()));
    TRY_ASSIGN(DeliveryRequest request, next_request(transaction, account));
    if (request.places.empty())
        return Error(ErrorKind::Corrupt, "all of it is there and none of it was found");
    // There is one for these bytes; there is none where the state was restored from an older copy.
    TRY_ASSIGN(audit::Disclosure disclosure, disclosure_of(context));
    Transfer transfer = context.transfer;
    const std::optional<Instant> sent_before = transfer.sent;
    // Another time than before, so that a wish to withdraw stops this request too.
    transfer.sent = context.clock.now();
    if (sent_before) transfer.sent = std::max(*transfer.sent, *sent_before + Milliseconds(1));
    account.is_open = true;
    ++account.requests;
    for (const std::size_t place : request.places) {
        AccountEntry& entry = account.entries[place];
        entry.request = account.requests;
        entry.went_alone = !request.path.empty();
        entry.went_put = std::ranges::count(request.puts, place) > 0;
    }
    std::string kept = account.print();
    // If we die after this: bytes may have left; the next attempt asks first.
    return to(TransferState::Sending, std::move(transfer))
        .with(Part::Account, std::move(kept))
        .after(Intent{std::move(disclosure)})
        .crash_point("pipeline.send")
        .then(
            [sent_before, account = std::move(account),
             request = std::make_shared<const DeliveryRequest>(std::move(request))](
                const Context& later) { return hand_over(later, *request, account, sent_before); });
}

}  // namespace

// What the destination is asked for is in the log before it is asked. Then the bytes, the intent,
// the state, and the first byte of them to the outside. If we die between: the state is still
// "prepared", the transaction is made again, the intent is found.
Result<Outcome> make_ready(const Context& context) {
    TRY(permitted_order(context));
    if (context.destination_config().deliver.patient == config::Deliver::Patient::Create)
        return make_shipment_ready(context);
    audit::Act query = act_of(context, audit::Act::What::Query);
    query.who = context.transfer.asked_by.name();
    query.who_system = context.transfer.asked_by.system();
    return to(TransferState::Prepared, context.transfer)
        .after(Acted{std::move(query)})
        .then(make_shipment_ready);
}

Result<Outcome> send(const Context& context) {
    TRY_ASSIGN(Account account, account_kept(context));
    // The log has it that a part of it is there and that no more is sent.
    if (context.transfer.outcome_index && context.transfer.withdrawal_asked)
        return withdraw_parts(context, account);
    // Before the first time too: the state may be an older copy, from before what it sent.
    TRY_ASSIGN(std::optional<Outcome> known, confirm(context, account));
    if (known) return *std::move(known);
    if (context.transfer.sent && context.transfer.withdrawal_asked)
        return account.is_any_located() ? stopped_half_way(context, account)
                                        : did_not_arrive(context);
    if (std::optional<Outcome> ends = answered_with_no(context, account)) return *std::move(ends);
    TRY_ASSIGN(const bool is_kept, context.parts.has(Part::Transaction));
    if (!is_kept) {
        Transfer transfer = context.transfer;
        set_reason(transfer, "record-expired");  // it was held for longer than records are kept
        return to(TransferState::Held, std::move(transfer));
    }
    return begin_request(context, std::move(account));
}

}  // namespace consultd::steps
