// Transfer: one patient, one source, one destination, one consent, one question. Its states are a
// table (transfer.cpp); no code elsewhere decides which state may follow which.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapter/actor.h"
#include "fhir/base/clock.h"
#include "fhir/base/result.h"

namespace consultd {

enum class TransferState : std::uint8_t {
    Requested,        // asked for; nothing was done
    Pulling,          // reading from the source; what it answered is durable
    Prepared,         // the packet's bytes are durable; nothing has left
    Held,             // a person must act; `reason` says about what
    Sending,          // the audit intent is durable; bytes may be on their way
    Uncertain,        // bytes left and their fate is unknown; only a read-back leaves this state
    Delivered,        // read back at the destination
    OpinionReceived,  // the destination's Task is completed and its output fetched
    Closed,
    Refused,    // the destination said no; nothing of ours is there
    Withdrawn,  // a person stopped it: nothing has arrived, or the destination has the withdrawal
    Failed,     // cannot go on; nothing of ours is at the destination
};

std::string_view name_of(TransferState state);  // "opinion-received"
std::optional<TransferState> transfer_state(std::string_view name);
// R4 Task.status for it: requested, in-progress, on-hold, completed, rejected, cancelled, failed.
std::string_view task_status_of(TransferState state);
// A peer's Task.status as the store keeps it in clear: one of R4's words, else "unknown"; empty
// stays empty.
std::string known_task_status(std::string_view status);
bool may_follow(TransferState from, TransferState to);
bool is_terminal(TransferState state);
bool is_delivered(TransferState state);  // and whatever comes after it
// Something a worker does by itself when it is due.
bool is_runnable(TransferState state);

// What tells one order from another, as keyed hashes of the whole of it and of three of its parts;
// order.cpp makes them. They stay as they are while the transfer lives.
struct OrderMarks {
    std::string content;  // all that was asked for
    std::string patient;  // the pseudonym of the patient as the order named them
    std::string consent;  // the Consent's content, whatever its id and version
};

// Due now, by whatever clock. What a person does is due at once: their process may have another.
inline constexpr Instant at_once{};
// No wait is longer than this after a restart: ten minutes, or a day for what is only looked at.
Milliseconds longest_wait(TransferState state);

// What the store keeps of a transfer in clear: no patient data.
struct Transfer {
    std::string id;  // UUID
    OrderMarks marks;
    Actor asked_by;
    TransferState state = TransferState::Requested;
    std::string source, destination;  // keys in the config
    std::string patient_pseudonym;    // keyed hash of source + patient id
    std::string reason;               // why held, refused or failed: a word from our own lists
    // With whom that is, where it is with one of the two institutions: "source" or "destination",
    // and its host and port as the configuration has them.
    std::string peer_side, peer_address;
    std::uint32_t attempts = 0;  // since the last progress
    Instant created{}, updated{};
    // When a worker goes on with it, by what steps/settling.h counts waits by.
    Instant due{};
    std::optional<Instant> sent;  // when bytes last began to leave
    // A person's wish to withdraw it. Not the holder's of a lease to write:
    // Store::ask_withdrawal().
    std::optional<Instant> withdrawal_asked;
    std::uint64_t pulled = 0, delivered = 0, merged = 0, withheld = 0, rejected = 0;
    bool complete = false;                                     // the pull had no gap
    bool prepared = false;                                     // the packet's bytes are stored
    std::optional<std::uint64_t> intent_index, outcome_index;  // in the audit log
    std::string destination_task;                              // "Task/123" at the destination
    std::string remote_status;                                 // the last Task.status seen there
};

// Conflict where it would be another transfer: there is one source, one destination, and one
// patient from the moment the record is pulled. Before, an identifier stands for the patient, and
// then the id that it leads to.
Status may_replace(const Transfer& stored, const Transfer& next);

// What a person decides stands on what they were shown. Where bytes have left since, or the log has
// more, `next` is made of something older, and must not take its place.
bool has_gone_on(const Transfer& stored, const Transfer& next);

// Whether both give the same patient's record to the same destination under the same Consent, and
// `stored` is under way, or was delivered since then: a second one would be a copy that nobody
// needs, unless somebody says so.
bool is_same_disclosure(const Transfer& stored, const Transfer& next, Instant since);

// What the institution that it stands with is called in the configuration; empty: with none.
std::string peer_key(const Transfer& transfer);
// For people: "unavailable: source general (ehr.general.example:443)", or the reason alone.
std::string why(const Transfer& transfer);
// It was, whatever the state is by now: the log has that it arrived.
bool was_delivered(const Transfer& transfer);
// Goes on: there is no reason, and nobody that it stands with.
void clear_reason(Transfer& transfer);

// A wish to withdraw stands, and nothing has left by what the state says: nothing may.
bool must_be_withdrawn(const Transfer& transfer);
// Where a wish stands, whether it is in the way of this step: any step forward while nothing has
// left, and any new send afterwards. It is never in the way of an end or of a read-back.
bool is_against_wish(const Transfer& stored, const Transfer& next);

// A person's wish, taken in any state; once is for ever. Withdrawn where nothing has left and
// nobody works on it, which the store knows; where records have or may have left, what tells the
// destination is due at once, also of what was closed.
enum class Worked { ByNobody, BySomebody };
Transfer cancelled(Transfer transfer, Worked worked, Instant now);
// What whoever wished is told: what has come of it so far, and no more than that.
std::string told_of_wish(const Transfer& transfer);
// Conflict: it may not be done now, and the text says why. From `held`: goes on where it stood,
// asking the destination first if anything may have left.
Result<Transfer> retried(Transfer transfer, Instant now);

}  // namespace consultd
