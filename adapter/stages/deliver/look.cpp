// look(): what is seen at the destination of each entry, and of whom it is there.
#include <algorithm>
#include <charconv>
#include <future>
#include <map>
#include <set>

#include "adapter/stages/binary.h"
#include "adapter/stages/deliver/ask.h"
#include "adapter/stages/deliver/charts.h"
#include "adapter/stages/deliver/entries.h"
#include "adapter/stages/deliver/evidence.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::size_t reads_at_once = 8;

JsonView at_path(JsonView json, std::string_view path) {
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        const std::string_view step = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (!json.is_array()) {
            json = json[step];
            continue;
        }
        std::size_t place = json.items().size();
        std::from_chars(step.data(), step.data() + step.size(), place);
        json = place < json.items().size() ? json.items()[place] : JsonView();
    }
    return json;
}

class Looker {
public:
    Looker(fhir::FhirClient& client, const std::string& transfer_id, Account& account,
           const Known& known, const fhir::Call& call, Look& seen)
        : client_(client),
          transfer_id_(transfer_id),
          account_(account),
          is_that_person_(known.is_that_person),
          known_(known),
          call_(call),
          seen_(seen),
          charts_(client, account, known.is_that_person, call, seen) {}

    void run() {
        read_all();
        for (std::size_t i = 0; i < account_.entries.size() && !seen_.broken; ++i)
            if (account_.entries[i].location.empty()) search(i);
        // What was found leads to more: a Patient by whoever is about them, a Binary by its
        // DocumentReference.
        for (std::size_t before = seen_.learnt + 1; before != seen_.learnt && !seen_.broken;) {
            before = seen_.learnt;
            read_all();
        }
        see_once_more();
        charts_.compare();
        look_for_doubles();
        count();
        mark_shared_places();
    }

private:
    void count() {
        bool is_any_askable = false;
        for (std::size_t i = 0; i < account_.entries.size(); ++i) {
            const AccountEntry& entry = account_.entries[i];
            if (entry.is_seen || entry.is_refused() || is_known_unsent(i)) continue;
            const bool was_asked =
                !entry.own.empty() || !entry.location.empty() || !entry.by.empty();
            seen_.missing += was_asked ? 1 : 0;
            seen_.unaskable += was_asked ? 0 : 1;
            // A chart goes by the patient's name: that there is none says nothing of this transfer.
            is_any_askable = is_any_askable || (was_asked && !unaskable_.contains(i) &&
                                                entry.system != patient_system);
        }
        std::erase_if(unaskable_, [&](std::size_t place) { return is_known_unsent(place); });
        seen_.unaskable += unaskable_.size();
        seen_.is_nothing_askable =
            !is_any_askable && seen_.unaskable != 0 &&
            std::ranges::none_of(account_.entries, [](const AccountEntry& entry) {
                return entry.is_seen && entry.system != patient_system;
            });
        const auto next = std::ranges::find_if(
            account_.entries, [](const AccountEntry& entry) { return entry.location.empty(); });
        const auto place = static_cast<std::size_t>(next - account_.entries.begin());
        seen_.is_next_unaskable = unaskable_.contains(place);
    }

    bool is_known_unsent(std::size_t place) const {
        return known_.unsent == Unsent::IsNotThere && account_.entries[place].request == 0;
    }

    // Two entries in one place: one of them is not there.
    void mark_shared_places() {
        std::map<std::string_view, AccountEntry*> by_place;
        for (AccountEntry& entry : account_.entries)
            if (!entry.location.empty() && !by_place.try_emplace(entry.location, &entry).second)
                entry.is_wrong = true;
    }

    bool leads_to_more(std::size_t place) const {
        return std::ranges::any_of(account_.entries, [&](const AccountEntry& entry) {
            return entry.referrer == place && entry.location.empty();
        });
    }
    std::string where(const AccountEntry& entry) const {
        return entry.location.empty() ? entry.own : entry.location;
    }

    bool is_due(std::size_t place) const {
        const AccountEntry& entry = account_.entries[place];
        if (where(entry).empty() || entry.is_refused() || was_read_.contains(place)) return false;
        return !entry.is_seen || leads_to_more(place) || (is_last_round_ && !entry.is_confirmed);
    }

    void read_all() {
        std::vector<std::size_t> due;
        for (std::size_t i = 0; i < account_.entries.size(); ++i)
            if (is_due(i)) due.push_back(i);
        read(due);
    }

    void read(const std::vector<std::size_t>& due) {
        for (std::size_t begin = 0; begin < due.size() && !seen_.broken; begin += reads_at_once) {
            const std::size_t end = std::min(begin + reads_at_once, due.size());
            std::vector<std::future<Result<fhir::FhirResponse>>> answers;
            for (std::size_t i = begin; i < end; ++i) answers.push_back(start(due[i]));
            for (std::size_t i = begin; i < end; ++i) take_in(due[i], answers[i - begin].get());
        }
    }

    // Receivers were seen to drop what they had answered for, and shown: when all of it was read,
    // each is read once more. What comes of a round that is broken off is kept.
    void see_once_more() {
        if (seen_.broken || !account_.is_all_seen()) return;
        is_last_round_ = true;
        was_read_.clear();
        read_all();
    }

    std::future<Result<fhir::FhirResponse>> start(std::size_t place) {
        const AccountEntry& entry = account_.entries[place];
        const fhir::Url url = client_.base().below(where(entry));
        if (entry.type != "Binary") return client_.start_get(url, call_);
        fhir::Call call = call_;
        // As base64 within FHIR JSON.
        call.bytes_max = std::max<std::size_t>(call.bytes_max, 2 * entry.bytes + (1 << 20));
        return client_.start_fetch(url, "application/fhir+json", call);
    }

    void take_in(std::size_t place, const Result<fhir::FhirResponse>& answer) {
        AccountEntry& entry = account_.entries[place];
        if (!answer) {
            // No place is known of it any more; it may be found by its name, or be led to.
            if (answer.error().kind() == ErrorKind::NotFound) {
                entry.location.clear();
                entry.is_seen = entry.is_confirmed = false;
            }
            return miss(place, answer.error());
        }
        was_read_.insert(place);
        if (entry.type != "Binary" && answer->body["resourceType"].string() != entry.type) {
            seen_.broken = Error(ErrorKind::Unavailable, "what was read is of another type");
            return;
        }
        if (entry.location.empty()) entry.location = entry.own;
        if (!entry.is_seen) ++seen_.learnt;
        entry.is_seen = true;
        entry.is_confirmed = is_last_round_;
        // It had it: that it does not find it later does not overrule that.
        if (entry.status == 0) entry.status = is_chart_of_ours(place, answer->body) ? 201 : 200;
        const bool is_other = is_another(place, *answer);
        entry.is_wrong = is_other || led_nowhere_.contains(place) || !says_the_same(place, *answer);
        if (is_other && misplaced_.insert(place).second) return look_elsewhere(place);
        if (entry.type != "Binary") charts_.note(place, answer->body);
        for (AccountEntry& target : account_.entries)
            if (target.referrer == place)
                follow(target, at_path(answer->body, target.path).string());
    }

    // By the patient's name it may be of another transfer; this one's name says that it is not.
    bool is_chart_of_ours(std::size_t place, JsonView chart) const {
        if (place != account_.new_chart) return false;
        return std::ranges::any_of(chart["identifier"].items(), [&](JsonView identifier) {
            return identifier["system"].string() == entry_system &&
                   identifier["value"].string().starts_with(transfer_id_ + "/");
        });
    }

    // Its answer may have named the places in another order than that of the entries: it is looked
    // for by its name, or by whoever refers to it, once.
    void look_elsewhere(std::size_t place) {
        AccountEntry& entry = account_.entries[place];
        entry.location.clear();
        entry.is_seen = entry.is_confirmed = false;
        was_read_.erase(place);
        if (entry.referrer != AccountEntry::nobody) was_read_.erase(entry.referrer);
    }

    // Other bytes; a name that we gave it and that is not on it, so that it is somebody else's. A
    // chart is the person's, whatever it is called: note_chart().
    bool is_another(std::size_t place, const fhir::FhirResponse& answer) const {
        const AccountEntry& entry = account_.entries[place];
        if (entry.type == "Binary") return !has_bytes(answer, entry.sha256);
        if (place == account_.new_chart && is_that_person_) return false;
        return entry.by == "identifier" && !carries(name_of(entry), answer.body);
    }
    static NameThere name_of(const AccountEntry& entry) {
        return {entry.by, entry.system, entry.value};
    }

    // It may say more than what was sent, and no less. Where all of it lies is known in the end.
    bool says_the_same(std::size_t place, const fhir::FhirResponse& answer) const {
        if (known_.content == nullptr) return true;
        const Json binary = account_.entries[place].type == "Binary" ? binary_in(answer) : Json();
        if (account_.entries[place].type == "Binary" && !binary.is_object())
            return known_.content->is_of_type(answer.content_type, place);
        using Places = SentContent::Places;
        return known_.content->is_said_by(binary.is_object() ? binary : answer.body, place,
                                          account_,
                                          is_last_round_ ? Places::AreKnown : Places::MayBeUnknown);
    }

    // Where whoever refers to it says that it lies. A name of the transaction that still stands
    // there leads nowhere: the server did not put its own in its place.
    void follow(AccountEntry& target, std::string_view reference) {
        if (reference.starts_with("urn:uuid:")) {
            target.is_wrong = true;
            led_nowhere_.insert(static_cast<std::size_t>(&target - account_.entries.data()));
        }
        const fhir::Reference parsed = fhir::Reference::parse(reference);
        if (!target.location.empty() || parsed.type != target.type) return;
        target.location = parsed.key();
        ++seen_.learnt;
    }

    void search(std::size_t place) {
        AccountEntry& entry = account_.entries[place];
        if (entry.by.empty() || entry.is_refused()) return;
        if (unsearchable_.contains({entry.type, entry.by})) return not_searched(place);
        const auto found = find_there(client_, entry.type, name_of(entry), call_);
        if (!found && !is_unaskable(found.error())) return miss(place, found.error());
        if (!found) {
            unsearchable_.insert({entry.type, entry.by});
            return not_searched(place);
        }
        if (found->empty()) return;
        entry.location = entry.type + "/" + std::string(found->front()["id"].string());
        ++seen_.learnt;
    }

    bool keeps_our_ids() const {
        return std::ranges::any_of(account_.entries, [](const AccountEntry& entry) {
            return !entry.own.empty() && entry.location == entry.own && entry.is_taken();
        });
    }

    // A type that is not searched there, or not so: it may be led to all the same.
    void not_searched(std::size_t place) {
        const AccountEntry& entry = account_.entries[place];
        // Where our ids are kept, that nothing lies there is answer enough.
        if (!entry.own.empty() && keeps_our_ids()) return;
        const bool may_be_led_to = entry.referrer != AccountEntry::nobody &&
                                   !account_.entries[entry.referrer].location.empty();
        if (!may_be_led_to) unaskable_.insert(place);
    }

    // What a receiver stores twice is nobody's to delete but theirs: it is told where. The record
    // of one case is the Task and the documents.
    void look_for_doubles() {
        if (seen_.broken || !account_.is_all_seen()) return;
        for (const AccountEntry& entry : account_.entries) {
            const bool is_case = entry.type == "Task" || entry.type == "DocumentReference" ||
                                 entry.type == "Bundle" || entry.type == "ServiceRequest";
            if (!is_case || entry.by.empty()) continue;
            const auto found = find_there(client_, entry.type, name_of(entry), call_);
            if (!found) continue;
            for (const Json& one : *found) {
                std::string there = entry.type + "/" + std::string(one["id"].string());
                if (there != entry.location) seen_.doubled.push_back(std::move(there));
            }
        }
    }

    void miss(std::size_t place, const Error& error) {
        if (error.kind() == ErrorKind::NotFound) return;
        if (is_unaskable(error)) {
            unaskable_.insert(place);
            return;
        }
        // What came back and cannot be read is no answer either.
        const bool is_unreadable = error.kind() == ErrorKind::Malformed;
        seen_.broken = is_unreadable
                           ? Error(ErrorKind::Unavailable, "what was read there is no answer")
                           : error;
    }

    fhir::FhirClient& client_;
    const std::string& transfer_id_;
    Account& account_;
    const IsThatPerson& is_that_person_;
    const Known& known_;
    const fhir::Call& call_;
    Look& seen_;
    std::set<std::size_t> unaskable_, was_read_, misplaced_, led_nowhere_;  // by place
    std::set<std::pair<std::string, std::string>> unsearchable_;            // type, parameter
    Charts charts_;
    bool is_last_round_ = false;
};

fhir::Call anew(const fhir::Call& call) {
    fhir::Call fresh = call;
    fresh.is_fresh = true;
    return fresh;
}

}  // namespace

Result<Look> look(fhir::FhirClient& client, const std::string& transfer_id, Account& account,
                  const Known& known, const fhir::Call& call) {
    const fhir::Call fresh = anew(call);
    Look seen{.finds_tasks = known.finds_tasks, .knows_conditions = known.knows_conditions};
    const Result<ReadBack> found = read_back(client, transfer_id, fresh);
    if (!found && !is_unaskable(found.error())) return found.error();
    if (found) seen.task = *found;
    seen.finds_tasks = seen.finds_tasks || seen.task.found;
    AccountEntry* const task = account.entries.empty() || account.entries.back().type != "Task"
                                   ? nullptr
                                   : &account.entries.back();
    if (task != nullptr && seen.task.found && task->location.empty())
        task->location = seen.task.task;
    Looker(client, transfer_id, account, known, fresh, seen).run();
    // Read at its place, whatever the search says.
    if (task != nullptr && task->is_seen && !seen.task.found)
        seen.task = {.found = true, .task = task->location, .status = "requested", .copies = 1};
    return seen;
}

}  // namespace consultd
