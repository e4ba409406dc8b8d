// Disclosures: the pipeline's dealings with the audit log. Each transfer has at most one intent
// without an outcome; writing either a second time, after a crash between the log and the store,
// gives the index of the one that is there.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapter/audit/act.h"
#include "adapter/audit/audit_log.h"
#include "adapter/audit/event.h"
#include "adapter/log.h"
#include "adapter/same_order.h"
#include "adapter/store/store.h"
#include "fhir/base/random.h"

namespace consultd {

class Disclosures {
public:
    struct Entry {
        std::string intent_id;
        std::uint64_t intent_index = 0;
        std::string bundle_hash;  // of what was to be sent
        std::optional<std::uint64_t> outcome_index;
        std::optional<audit::DisclosureOutcome> outcome;
        std::string destination_task;  // where it was found there, when it was sent
        std::string patient_pseudonym, destination_base_url, consent_mark;
        std::vector<std::string> order_keys;
        Instant recorded{};         // of the newest of the two
        bool is_withdrawn = false;  // and the destination has that
        // It was in the log when this process began: what the state says of it may be older.
        bool is_inherited = false;
    };

    // The intents and outcomes that are in a log, gathered while it is read: see() each entry.
    class History {
    public:
        void see(std::uint64_t index, std::string_view entry);

    private:
        friend Disclosures;
        Status remember(std::uint64_t index, const fhir::Json& event);
        std::vector<EarlierDisclosure> earlier(const SameOrder& same) const;
        void forget_withdrawn(const std::string& transfer_id);
        std::map<std::string, Entry> entries_;  // by transfer id
        // Transfer ids, by the pseudonym of the patient and by the names of the order.
        std::multimap<std::string, std::string> by_key_;
        std::set<std::string> unsettled_;
        Instant newest_{};
        Status understood_;
    };
    // Those that follow on a log's history. Corrupt: an entry was not understood.
    static Result<std::unique_ptr<Disclosures>> after(History history, audit::AuditLog& log,
                                                      Random& random);

    // The newest time that the log had when this process began: no clock of ours is believed that
    // is behind it.
    Instant log_time() const { return history_.newest_; }
    std::optional<Entry> find(const std::string& transfer_id) const;
    // What the log knows as sent, or as about to be sent, and is the same.
    std::vector<EarlierDisclosure> earlier(const SameOrder& same) const;
    // The transfers of which the state was not yet seen to say what the log says, until settle():
    // after a start, all that are in the log.
    std::vector<std::string> unsettled() const;
    void settle(const std::string& transfer_id);

    // Durable before they return. `disclosure.id` is set here. The intent that is there is used if
    // it is about the same bytes; else there is a new one, which the outcome will belong to. Busy:
    // another transfer has an intent by now that is for the same.
    Result<std::uint64_t> intent(audit::Disclosure disclosure,
                                 const std::optional<SameOrder>& same = {});
    // Says again what the intent in the log says, so that it needs nothing of the record, which may
    // be gone by now. Corrupt: there is no intent.
    // `evidence`: how that is known.
    Result<std::uint64_t> outcome(const std::string& transfer_id, audit::DisclosureOutcome outcome,
                                  const std::string& destination_task, Instant recorded,
                                  const audit::Details& evidence = {});
    // How what its outcome says is known, as outcome() was given it.
    Result<audit::Details> evidence(const Entry& entry) const;
    // Beside disclosures: `act`, durable when it returns, and its index.
    Result<std::uint64_t> act(const audit::Act& act);
    // Writes what was asked of the store by whoever may not write the log, and tells it in a line
    // of `lines` with who it was. One at a time.
    Status take_up(Store& store, Log& lines);
    // After each entry: what the state has seen cannot be cut from the log without being noticed.
    // One at a time, so that an older checkpoint is not written over a newer one.
    Status remember_log(Store& store);
    audit::AuditLog& log() { return log_; }

private:
    Disclosures(History history, audit::AuditLog& log, Random& random)
        : log_(log), random_(random), history_(std::move(history)) {}
    audit::AuditLog& log_;
    Random& random_;
    mutable std::mutex mutex_;
    std::mutex remembering_, taking_up_, intending_;
    History history_;
};

}  // namespace consultd
