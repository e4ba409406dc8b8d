#include "adapter/disclosures.h"

#include <algorithm>

#include "adapter/audit/event_reader.h"

namespace consultd {
namespace {

void tell_act(const std::string& text, Log& lines) {
    const Result<fhir::Json> event = fhir::Json::parse(text);
    if (!event) return;
    const auto what = audit::act_in(*event);
    if (!what) return;
    const Actor who = Actor::of(audit::requestor_of(*event)["system"].string(),
                                audit::requestor_of(*event)["value"].string());
    lines.info("act", {{"act", StaticText::from_table(audit::name_of(*what).data())},
                       {"transfer", OwnId(audit::transfer_of(*event))},
                       {"by", who.for_log()}});
}

}  // namespace

void Disclosures::History::see(std::uint64_t index, std::string_view entry) {
    if (!understood_) return;
    const Result<fhir::Json> event = fhir::Json::parse(std::string(entry));
    understood_ = event ? remember(index, *event)
                        : Error(ErrorKind::Corrupt, "an entry of the audit log is not JSON");
}

Result<std::unique_ptr<Disclosures>> Disclosures::after(History history, audit::AuditLog& log,
                                                        Random& random) {
    TRY(history.understood_);
    for (auto& [transfer, entry] : history.entries_) entry.is_inherited = true;
    return std::unique_ptr<Disclosures>(new Disclosures(std::move(history), log, random));
}

Status Disclosures::History::remember(std::uint64_t index, const fhir::Json& event) {
    if (const auto recorded = parse_instant(event["recorded"].string()))
        newest_ = std::max(newest_, *recorded);
    if (audit::has_own_subtype(event, audit::name_of(audit::Act::What::Withdrawal)))
        forget_withdrawn(std::string(audit::transfer_of(event)));
    const bool is_intent = audit::has_own_subtype(event, "disclosure-intent");
    if (!is_intent && !audit::has_own_subtype(event, "disclosure-outcome")) return {};
    const std::string transfer(audit::transfer_of(event));
    if (transfer.empty())
        return Error(ErrorKind::Corrupt, "a disclosure in the audit log names no transfer");
    Entry& entry = entries_[transfer];
    unsettled_.insert(transfer);
    const Instant recorded = parse_instant(event["recorded"].string()).value_or(Instant{});
    if (is_intent) {
        audit::Disclosure said = audit::disclosure_in(event);
        by_key_.emplace(said.patient_pseudonym, transfer);
        for (const std::string& key : said.order_keys) by_key_.emplace(key, transfer);
        entry = {.intent_id = std::string(event["id"].string()),
                 .intent_index = index,
                 .bundle_hash = std::move(said.bundle_hash),
                 .outcome_index = {},
                 .outcome = {},
                 .destination_task = {},
                 .patient_pseudonym = std::move(said.patient_pseudonym),
                 .destination_base_url = std::move(said.destination_base_url),
                 .consent_mark = std::move(said.consent_mark),
                 .order_keys = std::move(said.order_keys),
                 .recorded = recorded};
        return {};
    }
    entry.recorded = recorded;
    entry.outcome_index = index;
    entry.outcome = audit::outcome_in(event);
    entry.destination_task = audit::destination_task_in(event);
    return {};
}

// What the destination has taken back is nobody's copy any more.
void Disclosures::History::forget_withdrawn(const std::string& transfer_id) {
    const auto found = entries_.find(transfer_id);
    if (found != entries_.end()) found->second.is_withdrawn = true;
}

std::vector<EarlierDisclosure> Disclosures::History::earlier(const SameOrder& same) const {
    std::vector<std::string> keys = same.order_keys;
    keys.push_back(same.patient_pseudonym);
    std::map<std::string, EarlierDisclosure> found;
    for (const std::string& key : keys)
        for (auto [at, end] = by_key_.equal_range(key); at != end; ++at) {
            const std::string& id = at->second;
            const Entry& entry = entries_.at(id);
            const bool is_same =
                key != same.patient_pseudonym ||
                (!same.consent_mark.empty() && entry.consent_mark == same.consent_mark &&
                 entry.destination_base_url == same.destination_base_url);
            const bool is_sent = entry.outcome == audit::DisclosureOutcome::Sent;
            const bool is_nowhere = entry.outcome && !is_sent && !audit::is_open(*entry.outcome);
            const bool is_old =
                is_sent && key == same.patient_pseudonym && entry.recorded < same.since;
            if (!is_same || is_old || is_nowhere || entry.is_withdrawn || id == same.transfer_id ||
                same.cleared.contains(id))
                continue;
            found[id] = {.transfer_id = id,
                         .is_sent = is_sent,
                         .destination_task = entry.destination_task,
                         .recorded = entry.recorded};
        }
    std::vector<EarlierDisclosure> all;
    for (auto& [id, one] : found) all.push_back(std::move(one));
    return all;
}

std::vector<EarlierDisclosure> Disclosures::earlier(const SameOrder& same) const {
    const std::lock_guard lock(mutex_);
    return history_.earlier(same);
}

std::optional<Disclosures::Entry> Disclosures::find(const std::string& transfer_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = history_.entries_.find(transfer_id);
    return found == history_.entries_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> Disclosures::unsettled() const {
    const std::lock_guard lock(mutex_);
    return {history_.unsettled_.begin(), history_.unsettled_.end()};
}

void Disclosures::settle(const std::string& transfer_id) {
    const std::lock_guard lock(mutex_);
    history_.unsettled_.erase(transfer_id);
}

Status Disclosures::remember_log(Store& store) {
    const std::lock_guard guard(remembering_);
    return store.remember_checkpoint(log_.checkpoint());
}

Result<std::uint64_t> Disclosures::act(const audit::Act& act) {
    TRY_ASSIGN(const std::uint64_t index,
               log_.append(audit::act_event(act, crypto::uuid_v4(random_)).print()));
    const std::lock_guard lock(mutex_);
    if (act.what == audit::Act::What::Withdrawal) history_.forget_withdrawn(act.transfer_id);
    return index;
}

Status Disclosures::take_up(Store& store, Log& lines) {
    const std::lock_guard guard(taking_up_);
    TRY_ASSIGN(const std::vector<AskedEntry> asked, store.asked_to_log());
    for (const AskedEntry& entry : asked) {
        TRY(log_.append(entry.event));
        // If we die here: it is asked for still, and is written again.
        TRY(remember_log(store));
        TRY(store.strike_off(entry.id));
        tell_act(entry.event, lines);
    }
    return {};
}

Result<std::uint64_t> Disclosures::intent(audit::Disclosure disclosure,
                                          const std::optional<SameOrder>& same) {
    // Of two that are the same, one is first.
    const std::lock_guard one_by_one(intending_);
    if (const auto entry = find(disclosure.transfer_id);
        entry && !entry->outcome_index && entry->bundle_hash == disclosure.bundle_hash)
        return entry->intent_index;
    if (same && !earlier(*same).empty())
        return Error(ErrorKind::Busy, "another transfer is about to send the same");
    disclosure.id = crypto::uuid_v4(random_);
    const fhir::Json event = audit::disclosure_intent(disclosure);
    TRY_ASSIGN(const std::uint64_t index, log_.append(event.print()));
    const std::lock_guard lock(mutex_);
    TRY(history_.remember(index, event));
    return index;
}

Result<audit::Details> Disclosures::evidence(const Entry& entry) const {
    if (!entry.outcome_index) return audit::Details();
    TRY_ASSIGN(std::string text, log_.entry(*entry.outcome_index));
    const Result<fhir::Json> event = fhir::Json::parse(std::move(text));
    if (!event) return Error(ErrorKind::Corrupt, "an entry of the audit log is not JSON");
    return audit::evidence_in(*event);
}

Result<std::uint64_t> Disclosures::outcome(const std::string& transfer_id,
                                           audit::DisclosureOutcome outcome,
                                           const std::string& destination_task, Instant recorded,
                                           const audit::Details& evidence) {
    const auto entry = find(transfer_id);
    if (!entry) return Error(ErrorKind::Corrupt, "an outcome without an intent in the audit log");
    if (entry->outcome_index) {
        TRY_ASSIGN(const audit::Details said, this->evidence(*entry));
        const bool is_said = entry->outcome == outcome && said == evidence;
        if (is_said || !entry->outcome || !audit::is_open(*entry->outcome))
            return *entry->outcome_index;
    }
    TRY_ASSIGN(std::string text, log_.entry(entry->intent_index));
    const Result<fhir::Json> intent = fhir::Json::parse(std::move(text));
    if (!intent) return Error(ErrorKind::Corrupt, "an entry of the audit log is not JSON");
    audit::Disclosure disclosure = audit::disclosure_in(*intent);
    disclosure.id = crypto::uuid_v4(random_);
    disclosure.recorded = recorded;
    const fhir::Json event = audit::disclosure_outcome(
        disclosure, entry->intent_id, entry->intent_index, outcome, destination_task, evidence);
    TRY_ASSIGN(const std::uint64_t index, log_.append(event.print()));
    const std::lock_guard lock(mutex_);
    TRY(history_.remember(index, event));
    return index;
}

}  // namespace consultd
