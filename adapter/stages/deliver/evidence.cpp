#include "adapter/stages/deliver/evidence.h"

#include <algorithm>
#include <charconv>
#include <future>
#include <map>
#include <set>

#include "adapter/stages/deliver/entries.h"
#include "fhir/base/crypto.h"
#include "fhir/client/search.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

constexpr std::size_t reads_at_once = 8;
constexpr std::uint32_t pages_max = 2;
constexpr std::uint64_t resources_max = 50;

// ---- the table

struct Row {
    bool (*fits)(const Facts&);
    Standing standing;
};
// The first row that fits.
constexpr Row rows[] = {
    // What it said that it did not take is not there, whatever else is.
    {[](const Facts& facts) { return facts.is_any_refused; }, Standing::NotAllTaken},
    // Each entry was read there, the documents with their bytes.
    {[](const Facts& facts) { return facts.is_all_seen && !facts.is_any_wrong; }, Standing::Whole},
    // A request may still be at work, and an index may lag: that something is not found is no
    // proof.
    {[](const Facts& facts) { return !facts.is_settled; }, Standing::AskLater},
    // What lies there, after its time, is not what was sent.
    {[](const Facts& facts) { return facts.is_any_wrong; }, Standing::NotAllTaken},
    // It said that it took it: that nothing is found does not overrule that, and a second copy
    // might be one.
    {[](const Facts& facts) { return facts.is_any_lost; }, Standing::NobodyKnows},
    // What was sent last, and by itself, may be there.
    {[](const Facts& facts) { return facts.is_last_unaskable; }, Standing::NobodyKnows},
    // Nothing was found by any name, after its time.
    {[](const Facts& facts) { return !facts.is_any_there; }, Standing::Nothing},
    // An entry without a name that it can be asked for may be there, or not.
    {[](const Facts& facts) { return facts.is_any_unaskable; }, Standing::NobodyKnows},
    // The Task goes last: nothing more is on its way, and something is missing.
    {[](const Facts& facts) { return facts.is_task_there; }, Standing::NotAllTaken},
    // What is there is known, and so is what is not.
    {[](const Facts&) { return true; }, Standing::GoOn},
};

// ---- asking

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

bool carries(const AccountEntry& entry, JsonView resource) {
    const auto is_it = [&](JsonView named, std::string_view value) {
        return named["system"].string() == entry.system && named[value].string() == entry.value;
    };
    if (entry.by == "identifier") {
        for (const JsonView item : resource["identifier"].items())
            if (is_it(item, "value")) return true;
        return is_it(resource["identifier"], "value");
    }
    for (const JsonView tag : resource.at("meta", "tag").items())
        if (is_it(tag, "code")) return true;
    return false;
}

// That it is not there, that it cannot be asked for, or that no answer came.
enum class Missed { NotThere, Unaskable, NoAnswer };
Missed missed(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::NotFound:
            return Missed::NotThere;
        case ErrorKind::Forbidden:
        case ErrorKind::Unsupported:
            return Missed::Unaskable;
        default:
            return Missed::NoAnswer;
    }
}

class Looker {
public:
    Looker(fhir::FhirClient& client, Account& account, const fhir::Call& call, Look& seen)
        : client_(client), account_(account), call_(call), seen_(seen) {}

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
        for (const AccountEntry& entry : account_.entries) {
            if (entry.is_seen || entry.is_refused()) continue;
            const bool was_asked =
                !entry.own.empty() || !entry.location.empty() || !entry.by.empty();
            seen_.missing += was_asked ? 1 : 0;
            seen_.unaskable += was_asked ? 0 : 1;
        }
        seen_.unaskable += unaskable_.size();
        mark_shared_places();
        const auto next = std::ranges::find_if(
            account_.entries, [](const AccountEntry& entry) { return entry.location.empty(); });
        const auto place = static_cast<std::size_t>(next - account_.entries.begin());
        seen_.is_next_unaskable = unaskable_.contains(place);
    }

private:
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

    void read_all() {
        std::vector<std::size_t> due;
        for (std::size_t i = 0; i < account_.entries.size(); ++i) {
            const AccountEntry& entry = account_.entries[i];
            const bool is_wanted =
                entry.is_seen ? !was_read_.contains(i) && leads_to_more(i) : !was_read_.contains(i);
            if (is_wanted && !where(entry).empty() && !entry.is_refused()) due.push_back(i);
        }
        for (std::size_t begin = 0; begin < due.size() && !seen_.broken; begin += reads_at_once) {
            const std::size_t end = std::min(begin + reads_at_once, due.size());
            std::vector<std::future<Result<fhir::FhirResponse>>> answers;
            for (std::size_t i = begin; i < end; ++i) answers.push_back(start(due[i]));
            for (std::size_t i = begin; i < end; ++i) take_in(due[i], answers[i - begin].get());
        }
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
            if (missed(answer.error()) == Missed::NotThere) entry.location.clear();
            return miss(place, answer.error());
        }
        was_read_.insert({place, true});
        const bool is_raw = entry.type == "Binary" && !answer->body.is_object();
        if (!is_raw && answer->body["resourceType"].string() != entry.type) {
            seen_.broken = Error(ErrorKind::Unavailable, "what was read is of another type");
            return;
        }
        if (entry.location.empty()) entry.location = entry.own;
        if (!entry.is_seen) ++seen_.learnt;
        entry.is_seen = true;
        entry.is_wrong = entry.type == "Binary" ? hash_of(*answer) != entry.sha256
                                                : is_another(entry, answer->body);
        for (AccountEntry& target : account_.entries)
            if (target.referrer == place)
                follow(target, at_path(answer->body, target.path).string());
    }

    // A name that we gave it and that is not on it: it is somebody else's.
    static bool is_another(const AccountEntry& entry, JsonView resource) {
        return entry.by == "identifier" && !carries(entry, resource);
    }

    static std::string hash_of(const fhir::FhirResponse& answer) {
        if (!answer.body.is_object()) return crypto::hex(crypto::sha256(answer.raw));
        const auto bytes =
            crypto::from_base64(answer.body["data"].string(), crypto::WhiteSpace::Skip);
        return crypto::hex(crypto::sha256(bytes.value_or("")));
    }

    // Where whoever refers to it says that it lies. A name of the transaction that still stands
    // there leads nowhere: the server did not put its own in its place.
    void follow(AccountEntry& target, std::string_view reference) {
        if (reference.starts_with("urn:uuid:")) target.is_wrong = true;
        const fhir::Reference parsed = fhir::Reference::parse(reference);
        if (!target.location.empty() || parsed.type != target.type) return;
        target.location = parsed.key();
        ++seen_.learnt;
    }

    void search(std::size_t place) {
        AccountEntry& entry = account_.entries[place];
        if (entry.by.empty() || !entry.own.empty() || entry.is_refused()) return;
        fhir::Query query;
        query.add_token(entry.by, entry.system, entry.value);
        fhir::Search search(client_, client_.base().below(entry.type).with_query(query.text()),
                            {.pages_max = pages_max, .resources_max = resources_max});
        const Result<fhir::SearchResult> result = search.run(call_);
        if (!result) {
            const Missed how = missed(result.error());
            // A type that is not searched there, or not so: it may be led to all the same.
            if (how == Missed::NoAnswer) return miss(place, result.error());
            const bool may_be_led_to = entry.referrer != AccountEntry::nobody &&
                                       !account_.entries[entry.referrer].location.empty();
            if (!may_be_led_to) unaskable_.insert(place);
            return;
        }
        // A server that does not know the parameter answers with all it has: only ours count.
        for (const fhir::BundleEntry& match : result->matches) {
            const JsonView resource = match.resource;
            if (resource["resourceType"].string() != entry.type || !carries(entry, resource) ||
                !entry.location.empty())
                continue;
            entry.location = entry.type + "/" + std::string(resource["id"].string());
            ++seen_.learnt;
        }
    }

    void miss(std::size_t place, const Error& error) {
        switch (missed(error)) {
            case Missed::NotThere:
                return;
            case Missed::Unaskable:
                unaskable_.insert(place);
                return;
            case Missed::NoAnswer:
                break;
        }
        // What came back and cannot be read is no answer either.
        const bool is_unreadable = error.kind() == ErrorKind::Malformed;
        seen_.broken = is_unreadable
                           ? Error(ErrorKind::Unavailable, "what was read there is no answer")
                           : error;
    }

    fhir::FhirClient& client_;
    Account& account_;
    const fhir::Call& call_;
    Look& seen_;
    std::set<std::size_t> unaskable_;  // by place
    std::map<std::size_t, bool> was_read_;
};

}  // namespace

Result<Look> look(fhir::FhirClient& client, const std::string& transfer_id, Account& account,
                  const fhir::Call& call) {
    fhir::Call anew = call;
    anew.is_fresh = true;
    Look seen;
    TRY_ASSIGN(seen.task, read_back(client, transfer_id, anew));
    AccountEntry* const task = account.entries.empty() || account.entries.back().type != "Task"
                                   ? nullptr
                                   : &account.entries.back();
    if (task != nullptr && seen.task.found && task->location.empty())
        task->location = seen.task.task;
    Looker(client, account, anew, seen).run();
    // Read at its place, whatever the search says.
    if (task != nullptr && task->is_seen && !seen.task.found)
        seen.task = {.found = true, .task = task->location, .status = "requested", .copies = 1};
    return seen;
}

Facts facts_of(const Account& account, const Look& seen, bool is_settled) {
    // A chart that goes by the patient's name may be there because of another transfer.
    const auto is_there_for_us = [](const AccountEntry& entry) {
        return entry.is_seen && entry.system != patient_system;
    };
    return {
        .is_any_refused = account.is_any_refused(),
        .is_all_seen = account.is_all_seen() && seen.task.found,
        .is_any_there = seen.task.found || std::ranges::any_of(account.entries, is_there_for_us),
        .is_task_there = seen.task.found,
        .is_any_unaskable = seen.unaskable != 0,
        .is_settled = is_settled,
        .is_any_wrong = std::ranges::any_of(account.entries, &AccountEntry::is_wrong),
        .is_any_lost = std::ranges::any_of(
            account.entries,
            [](const AccountEntry& entry) { return entry.is_taken() && !entry.is_seen; }),
        .is_last_unaskable = account.is_sequence && seen.is_next_unaskable};
}

Standing standing_of(const Facts& facts) {
    for (const Row& row : rows)
        if (row.fits(facts)) return row.standing;
    return Standing::NobodyKnows;
}

}  // namespace consultd
