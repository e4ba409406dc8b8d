// Store: the state of all transfers and their sealed parts. One suite (tests/adapter/store) runs on
// every implementation. What is stored of a record is sealed before it comes here: the store never
// sees it.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/parts.h"
#include "adapter/transfer.h"

namespace consultd {

// The right to work on one transfer for a while. Every write of the holder carries the fence; a
// later lease has a higher one, and then the write is a Conflict.
struct Lease {
    Transfer transfer;
    std::uint64_t fence = 0;
    // How often the process died at it, for all that is known, since a holder last released it.
    std::uint64_t deaths = 0;
};

// How many leases may be in force on transfers that are read from their sources, which may take
// hours: what is left are workers for sends, follow-ups and other sources.
struct PullShares {
    std::uint32_t of_all = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t of_one_source = std::numeric_limits<std::uint32_t>::max();
};

enum class Renewal {
    Renewed,
    MustBeWithdrawn,  // renewed, and the step must stop: somebody withdrew it before anything left
};

struct StoreFilter {
    std::vector<TransferState> states;            // empty: all
    std::vector<std::string> patient_pseudonyms;  // any of these; empty: all
    Actor asked_by = {};                          // nobody: whoever asked
    std::size_t count_max = 1000;
    std::string after;  // id to go on from, in order of creation; empty: the start
};

// Which transfer an order may be already: what create() looks for.
struct Earlier {
    // Keyed hashes of the identifiers that the order has: each names one order, for ever.
    std::vector<std::string> identifiers;
    // Any that is the same disclosure, under way or delivered since then; absent: none is.
    std::optional<Instant> same_disclosure_since;
    // Names of orders of others, that it may be as well: looked for after its own, and not taken.
    std::vector<std::string> others = {};
};

struct SealedPart {
    Part part;
    std::string bytes;
};

// What a Visitor wants in the audit log, which the Owner alone writes.
struct AskedEntry {
    std::string id;     // of the event
    std::string event;  // an AuditEvent
};

// What is still to be said to the source of a transfer, whatever becomes of it: sealed, under a
// name that tells nothing.
struct Errand {
    std::string transfer, name, sealed;
};

class Store {
public:
    virtual ~Store() = default;
    // Each write is durable when it returns, all of it or none.
    // Absent: created. Else nothing is written, and this is the transfer that was there already,
    // by its identifiers first. Of any number that are created at once one is, whichever process
    // they come from. Conflict: the id is taken, or the identifiers are those of two transfers.
    // `act`, here and below: asked to be logged in the same commit, if anything is written.
    virtual Result<std::optional<Transfer>> create(const Transfer& transfer,
                                                   const std::vector<SealedPart>& parts,
                                                   const Earlier& earlier = {},
                                                   const std::optional<AskedEntry>& act = {}) = 0;
    virtual Result<std::optional<Transfer>> find(const std::string& id) = 0;
    virtual Result<std::vector<Transfer>> list(const StoreFilter& filter) = 0;
    // How many there are in each state that any is in.
    virtual Result<std::map<TransferState, std::uint64_t>> count_by_state() = 0;
    virtual Result<std::optional<std::string>> part(const std::string& id, Part part) = 0;

    // Takes the runnable transfer that has been due longest and is under no lease at `now`, within
    // the shares. What was being worked on when a process died is suspect until it is released:
    // one suspect is worked on at a time, so that the next death is charged to the right one.
    // `due_by`: now, by what `due` is counted by; absent: by `now` itself.
    virtual Result<std::optional<Lease>> claim(Instant now, Milliseconds span,
                                               const std::string& owner,
                                               const PullShares& shares = {},
                                               std::optional<Instant> due_by = {}) = 0;
    // This one, whatever its share; absent when it is under a lease or not runnable.
    virtual Result<std::optional<Lease>> claim(const std::string& id, Instant now,
                                               Milliseconds span, const std::string& owner) = 0;
    // From when on a claim() of any transfer succeeds, as far as shares and suspects let it; absent
    // when none is runnable.
    virtual Result<std::optional<Instant>> next_due() = 0;
    // Nothing waits for longer than longest_wait() from `now`: what it waits for was counted by
    // the clock of a process that is gone.
    virtual Status bound_waits(Instant now) = 0;
    // True when another process has written since this was last asked. Costs next to nothing.
    virtual Result<bool> changed_elsewhere() = 0;
    // Keeps the lease, and tells of a wish. Writes only once a quarter of the span is used up, so
    // that it can be asked every second.
    virtual Result<Renewal> renew(const Lease& lease, Instant now, Milliseconds span) = 0;
    // Writes the transfer and these parts under the lease's fence. Conflict, with the detail
    // "fence": the lease is lost, or the state may not follow the stored one; with the detail
    // "withdrawal": a wish to withdraw came in between, and this is against it.
    virtual Status save(const Lease& lease, const Transfer& transfer,
                        const std::vector<SealedPart>& parts) = 0;
    // An answer of the source, by a name that tells nothing, under the lease's fence; in the place
    // of one that has the name. Conflict, with the detail "fence": the lease is lost.
    virtual Status keep_answer(const Lease& lease, const std::string& name,
                               const std::string& sealed) = 0;
    virtual Result<std::optional<std::string>> answer(const std::string& id,
                                                      const std::string& name) = 0;
    // All of a transfer's.
    virtual Status forget_answers(const std::string& id) = 0;
    virtual Status release(const Lease& lease) = 0;
    // Takes a person's wish to withdraw, in any state and whoever works on it; it is never lost and
    // never taken back. Where nothing has left and nobody works on it, the transfer is withdrawn at
    // once; else whoever works on it can go no further. Gives it as it is now; absent: no such one.
    virtual Result<std::optional<Transfer>> ask_withdrawal(
        const std::string& id, Instant now, const std::optional<AskedEntry>& act = {}) = 0;
    // A person's act (retry) outside a lease. Conflict: it has a lease, or another state
    // than `expected`, or the state may not follow, or it has gone on since it was read.
    // With these parts, in one commit.
    virtual Status change(TransferState expected, const Transfer& transfer,
                          const std::vector<SealedPart>& parts = {},
                          const std::optional<AskedEntry>& act = {}) = 0;
    // Writes a part of a transfer that nobody works on by it: when its opinion was read.
    virtual Status keep_part(const std::string& id, const SealedPart& part) = 0;
    // Removes the answers and the named parts of transfers that have ended or are held, and were
    // last updated before `before`, and wipes them from the file; returns how many transfers lost
    // parts.
    virtual Result<std::uint64_t> forget(Instant before, const std::vector<Part>& parts) = 0;
    // The same of this one, whatever its state.
    virtual Status forget(const std::string& id, const std::vector<Part>& parts) = 0;

    // What is to be in the audit log before it is done, by somebody who may not write there: the
    // Owner takes it up and strikes it off, in this order, so that it may be there twice, with the
    // same id, and is never lost.
    virtual Status ask_to_log(const AskedEntry& entry) = 0;
    virtual Result<std::vector<AskedEntry>> asked_to_log() = 0;  // the oldest first
    virtual Status strike_off(const std::string& entry_id) = 0;

    // Kept until it is dropped, beyond the transfer's end; in the place of one of that name.
    virtual Status keep_errand(const Errand& errand) = 0;
    virtual Result<std::vector<Errand>> errands() = 0;  // the oldest first
    // Nothing, where there is none of that name.
    virtual Status drop_errand(const std::string& transfer, const std::string& name) = 0;

    // The newest audit checkpoint this state has seen: a log shorter than it was rolled back.
    virtual Status remember_checkpoint(const std::string& note) = 0;
    virtual Result<std::optional<std::string>> checkpoint() = 0;
    // What is known of a peer beyond any transfer, by a name of ours: the key of a destination in
    // the configuration (learnt.h), or what is known of a source: portal/reached.h,
    // and, sealed, the client that it has registered (PeerTools).
    virtual Status keep_learnt(const std::string& name, const std::string& text) = 0;
    virtual Result<std::optional<std::string>> learnt(const std::string& name) = 0;
    // Words that only the right state keys give, to tell a wrong one before it does harm.
    virtual Status remember_key_check(const std::string& words) = 0;
    virtual Result<std::optional<std::string>> key_check() = 0;
};

// The Owner works on transfers; there is one at a time (a lock on "<file>.lock"), and leases left
// by the one before are void: whoever held them died. A Visitor is a command beside it: it places,
// lists and changes, and may not claim.
enum class StoreRole { Owner, Visitor };

// Config: on a network file system, a symbolic link, or a schema newer than ours. Busy: another
// Owner has it. Corrupt: quick_check fails.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& file, StoreRole role);

// Whether an Owner has it now. Config: not a place for a state; Storage: cannot be looked at.
Result<bool> sqlite_store_has_owner(const std::string& file);

}  // namespace consultd
