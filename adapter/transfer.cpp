#include "adapter/transfer.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace consultd {
namespace {

using enum TransferState;

// One row a state: its own name, the R4 Task.status it shows outside
// (https://hl7.org/fhir/R4/valueset-task-status.html), whether a worker goes on with it by itself,
// and which states may follow. A state without followers is an end.
struct Row {
    TransferState state;
    std::string_view name;
    std::string_view task_status;
    bool runnable;
    std::initializer_list<TransferState> next;
};

// The log may know of a send that an older copy of the state does not: then a read-back decides.
constexpr std::initializer_list<TransferState> after_requested{Pulling,   Held,    Uncertain,
                                                               Withdrawn, Refused, Failed};
// Prepared again after Pulling, never the other way: what is durable is not pulled anew.
constexpr std::initializer_list<TransferState> after_pulling{Prepared,  Held,    Uncertain,
                                                             Withdrawn, Refused, Failed};
constexpr std::initializer_list<TransferState> after_prepared{Sending,   Held,    Uncertain,
                                                              Withdrawn, Refused, Failed};
// Before anything left, a person may send it on or end it.
constexpr std::initializer_list<TransferState> after_held{Requested, Pulling,   Prepared, Uncertain,
                                                          Delivered, Withdrawn, Refused,  Failed};
// Bytes may have left: only what the destination says decides. Withdrawn: it said that nothing is
// there, or the time of sending was not stored yet.
constexpr std::initializer_list<TransferState> after_sending{Uncertain, Delivered, Refused, Held,
                                                             Withdrawn};
constexpr std::initializer_list<TransferState> after_uncertain{Delivered, Sending, Held, Refused,
                                                               Withdrawn};
// Withdrawn: the destination has it.
constexpr std::initializer_list<TransferState> after_delivered{OpinionReceived, Closed, Held,
                                                               Withdrawn};
constexpr std::initializer_list<TransferState> after_opinion{Closed, Held, Withdrawn};

constexpr std::array<Row, 12> table{{
    {Requested, "requested", "requested", true, after_requested},
    {Pulling, "pulling", "in-progress", true, after_pulling},
    {Prepared, "prepared", "in-progress", true, after_prepared},
    {Held, "held", "on-hold", false, after_held},
    {Sending, "sending", "in-progress", true, after_sending},
    {Uncertain, "uncertain", "in-progress", true, after_uncertain},
    {Delivered, "delivered", "in-progress", true, after_delivered},
    {OpinionReceived, "opinion-received", "completed", true, after_opinion},
    {Closed, "closed", "completed", false, {}},
    {Refused, "refused", "rejected", false, {}},
    {Withdrawn, "withdrawn", "cancelled", false, {}},
    {Failed, "failed", "failed", false, {}},
}};

// Its outcome says so: one that is in part has no Task there.
const Row& row_of(TransferState state) { return table[static_cast<std::size_t>(state)]; }

}  // namespace

std::string_view name_of(TransferState state) { return row_of(state).name; }
std::string_view task_status_of(TransferState state) { return row_of(state).task_status; }
bool is_terminal(TransferState state) { return row_of(state).next.size() == 0; }
bool is_delivered(TransferState state) {
    return state == Delivered || state == OpinionReceived || state == Closed;
}
Milliseconds longest_wait(TransferState state) {
    if (is_delivered(state)) return std::chrono::hours(24);
    return std::chrono::minutes(10);
}
bool is_runnable(TransferState state) { return row_of(state).runnable; }

std::optional<TransferState> transfer_state(std::string_view name) {
    for (const Row& row : table)
        if (row.name == name) return row.state;
    return std::nullopt;
}

bool was_delivered(const Transfer& transfer) {
    return transfer.outcome_index && !transfer.destination_task.empty();
}

std::string known_task_status(std::string_view status) {
    constexpr std::array<std::string_view, 13> words{
        "",         "draft",     "requested",       "received",    "accepted",
        "rejected", "ready",     "cancelled",       "in-progress", "on-hold",
        "failed",   "completed", "entered-in-error"};
    const bool is_known = std::find(words.begin(), words.end(), status) != words.end();
    return std::string(is_known ? status : "unknown");
}

bool may_follow(TransferState from, TransferState to) {
    const auto& next = row_of(from).next;
    return from == to || std::find(next.begin(), next.end(), to) != next.end();
}

Status may_replace(const Transfer& stored, const Transfer& next) {
    if (stored.id != next.id || stored.source != next.source ||
        stored.destination != next.destination)
        return Error(ErrorKind::Conflict, "the transfer is about something else");
    const bool may_learn_patient =
        stored.state == TransferState::Requested || stored.state == TransferState::Pulling;
    if (!may_learn_patient && stored.patient_pseudonym != next.patient_pseudonym)
        return Error(ErrorKind::Conflict, "the transfer is about another patient");
    if (!may_follow(stored.state, next.state))
        return Error(ErrorKind::Conflict, "the transfer's state may not follow the stored one");
    return {};
}

bool has_gone_on(const Transfer& stored, const Transfer& next) {
    // What waits for its patient to let it go is made anew when they choose anew.
    const bool may_be_made_anew = stored.reason == "approval";
    return (stored.sent && !next.sent) || (stored.intent_index && !next.intent_index) ||
           (stored.outcome_index && !next.outcome_index) ||
           (stored.prepared && !next.prepared && !may_be_made_anew);
}

bool is_same_disclosure(const Transfer& stored, const Transfer& next, Instant since) {
    const bool same_patient = stored.patient_pseudonym == next.patient_pseudonym ||
                              stored.marks.patient == next.marks.patient;
    if (!same_patient || stored.source != next.source || stored.destination != next.destination ||
        stored.marks.consent != next.marks.consent)
        return false;
    const bool is_there = is_delivered(stored.state) || stored.reason == "found-there";
    if (is_there) return stored.sent && *stored.sent >= since;
    return !is_terminal(stored.state);
}

std::string peer_key(const Transfer& transfer) {
    if (transfer.peer_side.empty()) return {};
    return transfer.peer_side == "source" ? transfer.source : transfer.destination;
}

std::string why(const Transfer& transfer) {
    if (transfer.peer_side.empty()) return transfer.reason;
    return transfer.reason + ": " + transfer.peer_side + " " + peer_key(transfer) + " (" +
           transfer.peer_address + ")";
}

void clear_reason(Transfer& transfer) {
    transfer.reason.clear();
    transfer.peer_side.clear();
    transfer.peer_address.clear();
}

bool must_be_withdrawn(const Transfer& transfer) {
    return transfer.withdrawal_asked && !transfer.sent && !is_terminal(transfer.state);
}

bool is_against_wish(const Transfer& stored, const Transfer& next) {
    if (!stored.withdrawal_asked || is_terminal(next.state)) return false;
    if (!stored.sent) return next.state != TransferState::Uncertain || !next.sent;
    return next.state == TransferState::Sending && next.sent != stored.sent;
}

Transfer cancelled(Transfer transfer, Worked worked, Instant now) {
    const bool lies_there = transfer.state == Closed || transfer.reason == "found-there";
    if (is_terminal(transfer.state) && !lies_there) return transfer;
    if (!transfer.withdrawal_asked) transfer.withdrawal_asked = now;
    if (is_delivered(transfer.state)) transfer.due = at_once;
    if (worked == Worked::BySomebody) return transfer;
    transfer.updated = std::max(now, transfer.updated);
    if (transfer.sent || is_delivered(transfer.state)) {
        if (lies_there || transfer.state == Held)
            transfer.state = was_delivered(transfer) ? Delivered : Uncertain;
        transfer.due = at_once;
        transfer.attempts = 0;
        return transfer;
    }
    if (!may_follow(transfer.state, Withdrawn)) return transfer;
    transfer.state = Withdrawn;
    clear_reason(transfer);
    transfer.reason = "cancelled";
    return transfer;
}

std::string told_of_wish(const Transfer& transfer) {
    if (transfer.state == Withdrawn)
        return was_delivered(transfer) ? "it is withdrawn: the destination was told; what it has "
                                         "stored may still be there"
                                       : "it is withdrawn";
    if (transfer.state == Refused || transfer.state == Failed)
        return "it had ended, and nothing of it is at the destination";
    if (must_be_withdrawn(transfer)) return "its withdrawal is on record; nothing leaves any more";
    return "its withdrawal was asked for at " + format_date_time(*transfer.withdrawal_asked) +
           "; records have left or may have left, and the destination is told to stop until it "
           "has taken that";
}

Result<Transfer> retried(Transfer transfer, Instant now) {
    if (transfer.state != TransferState::Held)
        return Error(ErrorKind::Conflict, "only a held transfer can be tried again");
    if (was_delivered(transfer))
        transfer.state = TransferState::Delivered;
    else if (transfer.sent)
        transfer.state = TransferState::Uncertain;
    else
        transfer.state = transfer.prepared ? TransferState::Prepared : TransferState::Requested;
    clear_reason(transfer);
    transfer.attempts = 0;
    transfer.due = at_once;
    transfer.updated = std::max(now, transfer.updated);
    return transfer;
}

}  // namespace consultd
