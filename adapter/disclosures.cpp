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
    const bool is_intent = audit::has_own_subtype(event, "disclosure-intent");
    if (!is_intent && !audit::has_own_subtype(event, "disclosure-outcome")) return {};
    const std::string transfer(audit::transfer_of(event));
    if (transfer.empty())
        return Error(ErrorKind::Corrupt, "a disclosure in the audit log names no transfer");
    Entry& entry = entries_[transfer];
    unsettled_.insert(transfer);
    if (is_intent)
        entry = {.intent_id = std::string(event["id"].string()),
                 .intent_index = index,
                 .bundle_hash = std::string(audit::packet_hash_of(event))};
    if (is_intent) return {};
    entry.outcome_index = index;
    entry.outcome = audit::outcome_in(event);
    entry.destination_task = audit::destination_task_in(event);
    return {};
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
    return log_.append(audit::act_event(act, crypto::uuid_v4(random_)).print());
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

Result<std::uint64_t> Disclosures::intent(audit::Disclosure disclosure) {
    if (const auto entry = find(disclosure.transfer_id);
        entry && !entry->outcome_index && entry->bundle_hash == disclosure.bundle_hash)
        return entry->intent_index;
    disclosure.id = crypto::uuid_v4(random_);
    const fhir::Json event = audit::disclosure_intent(disclosure);
    TRY_ASSIGN(const std::uint64_t index, log_.append(event.print()));
    const std::lock_guard lock(mutex_);
    TRY(history_.remember(index, event));
    return index;
}

Result<std::uint64_t> Disclosures::outcome(const std::string& transfer_id,
                                           audit::DisclosureOutcome outcome,
                                           const std::string& destination_task, Instant recorded) {
    const auto entry = find(transfer_id);
    if (!entry) return Error(ErrorKind::Corrupt, "an outcome without an intent in the audit log");
    if (entry->outcome_index) return *entry->outcome_index;
    TRY_ASSIGN(std::string text, log_.entry(entry->intent_index));
    const Result<fhir::Json> intent = fhir::Json::parse(std::move(text));
    if (!intent) return Error(ErrorKind::Corrupt, "an entry of the audit log is not JSON");
    audit::Disclosure disclosure = audit::disclosure_in(*intent);
    disclosure.id = crypto::uuid_v4(random_);
    disclosure.recorded = recorded;
    const fhir::Json event = audit::disclosure_outcome(
        disclosure, entry->intent_id, entry->intent_index, outcome, destination_task);
    TRY_ASSIGN(const std::uint64_t index, log_.append(event.print()));
    const std::lock_guard lock(mutex_);
    TRY(history_.remember(index, event));
    return index;
}

}  // namespace consultd
