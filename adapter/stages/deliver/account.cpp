#include "adapter/stages/deliver/account.h"

#include <algorithm>
#include <map>
#include <set>

#include "adapter/stages/deliver/entries.h"
#include "fhir/base/crypto.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json number_of(std::uint64_t number) {
    return number == 0 ? Json() : Json(static_cast<std::int64_t>(number));
}
Json place_or_null(std::size_t place) {
    return place == AccountEntry::nobody ? Json() : Json(static_cast<std::int64_t>(place));
}
std::size_t place_in(JsonView json, std::string_view name) {
    return json.has(name) ? static_cast<std::size_t>(json[name].integer().value_or(0))
                          : AccountEntry::nobody;
}
Json true_or_null(bool value) { return value ? Json(true) : Json(); }
std::uint64_t number_in(JsonView json, std::string_view name) {
    return static_cast<std::uint64_t>(json[name].integer().value_or(0));
}

Json json_of(const AccountEntry& entry) {
    return Json::object({{"type", entry.type},
                         {"by", text_or_null(entry.by)},
                         {"system", text_or_null(entry.system)},
                         {"value", text_or_null(entry.value)},
                         {"id", text_or_null(entry.id)},
                         {"put", true_or_null(entry.is_put)},
                         {"own", text_or_null(entry.own)},
                         {"location", text_or_null(entry.location)},
                         {"referrer", place_or_null(entry.referrer)},
                         {"path", text_or_null(entry.path)},
                         {"sha256", text_or_null(entry.sha256)},
                         {"bytes", number_of(entry.bytes)},
                         {"status", number_of(static_cast<std::uint64_t>(entry.status))},
                         {"issue", text_or_null(entry.issue)},
                         {"request", number_of(entry.request)},
                         {"alone", true_or_null(entry.went_alone)},
                         {"byPut", true_or_null(entry.went_put)},
                         {"seen", true_or_null(entry.is_seen)},
                         {"confirmed", true_or_null(entry.is_confirmed)},
                         {"wrong", true_or_null(entry.is_wrong)}});
}

AccountEntry entry_in(JsonView json) {
    AccountEntry entry;
    entry.type = json["type"].string();
    entry.by = json["by"].string();
    entry.system = json["system"].string();
    entry.value = json["value"].string();
    entry.id = json["id"].string();
    entry.is_put = json["put"].is_true();
    entry.own = json["own"].string();
    entry.location = json["location"].string();
    entry.referrer = place_in(json, "referrer");
    entry.path = json["path"].string();
    entry.sha256 = json["sha256"].string();
    entry.bytes = number_in(json, "bytes");
    entry.status = static_cast<int>(number_in(json, "status"));
    entry.issue = json["issue"].string();
    entry.request = number_in(json, "request");
    entry.went_alone = json["alone"].is_true();
    entry.went_put = json["byPut"].is_true();
    entry.is_seen = json["seen"].is_true();
    entry.is_confirmed = json["confirmed"].is_true();
    entry.is_wrong = json["wrong"].is_true();
    return entry;
}

Json json_of(const Refusal& refusal) {
    return Json::object({{"status", Json(std::int64_t{refusal.status})},
                         {"issue", text_or_null(refusal.issue)},
                         {"entries", number_of(refusal.entries)},
                         {"bytes", number_of(refusal.bytes)},
                         {"conditions", true_or_null(refusal.had_conditions)},
                         {"put", true_or_null(refusal.was_put)}});
}

Refusal refusal_in(JsonView json) {
    return {.status = static_cast<int>(number_in(json, "status")),
            .issue = std::string(json["issue"].string()),
            .entries = static_cast<std::size_t>(number_in(json, "entries")),
            .bytes = number_in(json, "bytes"),
            .had_conditions = json["conditions"].is_true(),
            .was_put = json["put"].is_true()};
}

// Names it as something that can be searched for there.
void name(AccountEntry& entry, JsonView resource) {
    const auto take = [&](std::string_view by, JsonView named, std::string_view value) {
        entry.by = by;
        entry.system = named["system"].string();
        entry.value = named[value].string();
    };
    const auto is_ours = [](JsonView named) {
        return named["system"].string() == entry_system ||
               named["system"].string() == transfer_system;
    };
    if (entry.type == "Bundle") return take("identifier", resource["identifier"], "value");
    if (is_ours(resource["identifier"])) take("identifier", resource["identifier"], "value");
    for (const JsonView tag : resource.at("meta", "tag").items())
        if (is_ours(tag)) take("_tag", tag, "code");
    for (const JsonView identifier : resource["identifier"].items())
        if (is_ours(identifier)) take("identifier", identifier, "value");
    // A chart that another transfer of the patient has made is theirs by that name alone.
    for (const JsonView identifier : resource["identifier"].items())
        if (identifier["system"].string() == patient_system)
            take("identifier", identifier, "value");
}

using Places = std::map<std::string, std::size_t, std::less<>>;

constexpr std::string_view uuid_prefix = "urn:uuid:";

std::string uuid_in(std::string_view urn) {
    return urn.starts_with(uuid_prefix) ? std::string(urn.substr(uuid_prefix.size()))
                                        : std::string();
}

// Its name in the transaction, which no other transfer has; a chart that goes by the patient's name
// is the same for all of them.
std::string id_of(const AccountEntry& entry, std::string_view full_url) {
    return uuid_in(entry.system == patient_system ? std::string_view(entry.value) : full_url);
}

// The first of those who refer to an entry is its referrer.
void follow(Account& account, const Places& places, std::size_t from, const std::string& path,
            JsonView json) {
    const auto found = places.find(json.string());
    if (found != places.end() && found->second != from) {
        AccountEntry& target = account.entries[found->second];
        if (target.referrer != AccountEntry::nobody) return;
        target.referrer = from;
        target.path = path;
    }
    const std::string below = path.empty() ? "" : path + "/";
    for (std::size_t i = 0; i < json.items().size(); ++i)
        follow(account, places, from, below + std::to_string(i), json.items()[i]);
    for (const fhir::JsonMember& member : json.members())
        follow(account, places, from, below + std::string(member.name()), member.value);
}

// By the Task, which is the last.
void say_whose(Account& account, const Places& places, JsonView task) {
    const auto place_of = [&](const char* element) {
        const auto found = places.find(task[element]["reference"].string());
        return found == places.end() ? AccountEntry::nobody : found->second;
    };
    account.new_chart = place_of("for");
    account.order = place_of("focus");
    if (account.new_chart == AccountEntry::nobody)
        account.chart = task["for"]["reference"].string();
}

}  // namespace

std::string Account::print() const {
    std::vector<Json> items;
    for (const AccountEntry& entry : entries) items.push_back(json_of(entry));
    return Json::object({{"entries", Json::array(std::move(items))},
                         {"chart", text_or_null(chart)},
                         {"chartGone", true_or_null(is_chart_gone)},
                         {"newChart", place_or_null(new_chart)},
                         {"order", place_or_null(order)},
                         {"method", Json(std::int64_t{static_cast<int>(method)})},
                         {"sequence", Json(is_sequence)},
                         {"sequenceFirst", Json(is_sequence_first)},
                         {"ids", Json(std::int64_t{static_cast<int>(ids)})},
                         {"idsFirst", Json(std::int64_t{static_cast<int>(ids_first)})},
                         {"conditions", Json(has_conditions)},
                         {"entriesMax", number_of(entries_max)},
                         {"bytesMax", number_of(bytes_max)},
                         {"bytesLimit", number_of(bytes_limit)},
                         {"requests", number_of(requests)},
                         {"taken", number_of(taken)},
                         {"lost", number_of(lost)},
                         {"open", Json(is_open)},
                         {"refusal", refusal ? json_of(*refusal) : Json()}})
        .print();
}

Result<Account> Account::parse(std::string text) {
    const Result<Json> json = Json::parse(std::move(text));
    if (!json) return Error(ErrorKind::Corrupt, "the account of a delivery is no JSON");
    Account account;
    for (const JsonView entry : (*json)["entries"].items())
        account.entries.push_back(entry_in(entry));
    account.chart = (*json)["chart"].string();
    account.is_chart_gone = (*json)["chartGone"].is_true();
    account.new_chart = place_in(*json, "newChart");
    account.order = place_in(*json, "order");
    const auto is_none = [&](std::size_t place) {
        return place != AccountEntry::nobody && place >= account.entries.size();
    };
    for (const AccountEntry& entry : account.entries)
        if (is_none(entry.referrer) || is_none(account.new_chart) || is_none(account.order))
            return Error(ErrorKind::Corrupt, "the account of a delivery does not fit together");
    account.method = static_cast<config::Deliver::Method>(number_in(*json, "method"));
    account.is_sequence = (*json)["sequence"].is_true();
    account.is_sequence_first = (*json)["sequenceFirst"].is_true();
    account.ids = static_cast<Ids>(number_in(*json, "ids"));
    account.ids_first = static_cast<Ids>(number_in(*json, "idsFirst"));
    account.has_conditions = (*json)["conditions"].is_true();
    account.entries_max = static_cast<std::size_t>(number_in(*json, "entriesMax"));
    account.bytes_max = number_in(*json, "bytesMax");
    account.bytes_limit = number_in(*json, "bytesLimit");
    account.requests = number_in(*json, "requests");
    account.taken = number_in(*json, "taken");
    account.lost = number_in(*json, "lost");
    account.is_open = (*json)["open"].is_true();
    if (json->has("refusal")) account.refusal = refusal_in((*json)["refusal"]);
    return account;
}

bool AccountEntry::is_part_there() const {
    return !location.empty() && (system != patient_system || status == 201);
}

bool Account::is_any_refused() const {
    return std::ranges::any_of(entries, &AccountEntry::is_refused);
}
bool Account::is_any_wrong() const { return std::ranges::any_of(entries, &AccountEntry::is_wrong); }
bool Account::is_any_located() const {
    return std::ranges::any_of(entries, &AccountEntry::is_part_there);
}
bool Account::is_all_seen() const { return std::ranges::all_of(entries, &AccountEntry::is_seen); }
bool Account::is_all_confirmed() const {
    return std::ranges::all_of(
        entries, [](const AccountEntry& entry) { return entry.is_seen && entry.is_confirmed; });
}

bool Account::keeps_our_ids() const {
    return std::ranges::any_of(entries, [](const AccountEntry& entry) {
        return !entry.own.empty() && entry.location == entry.own;
    });
}

void Account::give_ids(Ids who) {
    ids = who;
    for (AccountEntry& entry : entries) {
        if (!entry.location.empty() || entry.id.empty()) continue;
        const bool is_ours = ids == Ids::Ours || (ids == Ids::AsFixed && entry.is_put);
        entry.own = is_ours ? entry.type + "/" + entry.id : "";
    }
}

void Account::begin_here() {
    is_sequence_first = is_sequence;
    ids_first = ids;
}
void Account::start_over() {
    is_sequence = is_sequence_first;
    give_ids(ids_first);
}

std::size_t Account::requests_that_brought_it() const {
    std::set<std::uint64_t> brought_by;
    for (const AccountEntry& entry : entries)
        if (entry.request != 0) brought_by.insert(entry.request);
    return brought_by.size();
}
std::size_t Account::entries_put() const {
    return static_cast<std::size_t>(std::ranges::count_if(entries, &AccountEntry::went_put));
}

std::string Account::way() const {
    std::set<std::uint64_t> together;
    bool is_any_alone = false;
    for (const AccountEntry& entry : entries) {
        if (entry.request == 0) continue;
        is_any_alone = is_any_alone || entry.went_alone;
        if (!entry.went_alone) together.insert(entry.request);
    }
    if (together.empty() && !is_any_alone) return "not-known";
    std::string way = together.empty()       ? "one-by-one"
                      : together.size() == 1 ? "transaction"
                                             : "transactions";
    if (!together.empty() && is_any_alone) way += "-then-one-by-one";
    return entries_put() == entries.size() ? way + "-put" : way;
}

bool Account::is_all_ours() const {
    return std::ranges::all_of(entries, [](const auto& entry) { return !entry.own.empty(); });
}

std::string Account::chart_there() const {
    return new_chart == AccountEntry::nobody ? chart : entries[new_chart].location;
}

std::string Account::not_taken() const {
    std::vector<Json> items;
    if (is_chart_gone)
        items.push_back(Json::object({{"type", "Patient"},
                                      {"at", text_or_null(chart_there())},
                                      {"status", Json(std::int64_t{404})}}));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const AccountEntry& entry = entries[i];
        if (!entry.is_missing()) continue;
        items.push_back(Json::object({{"entry", Json(static_cast<std::int64_t>(i))},
                                      {"type", entry.type},
                                      {"status", Json(std::int64_t{entry.status})},
                                      {"issue", text_or_null(entry.issue)},
                                      {"differs", true_or_null(entry.is_wrong)}}));
    }
    return Json::array(std::move(items)).print();
}

Account account_of(const fhir::Json& transaction) {
    Account account;
    Places places;
    const auto items = transaction["entry"].items();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const JsonView resource = items[i]["resource"];
        AccountEntry entry{.type = std::string(resource["resourceType"].string())};
        name(entry, resource);
        entry.id = id_of(entry, items[i]["fullUrl"].string());
        entry.is_put = items[i].at("request", "method").string() == "PUT";
        if (entry.is_put) entry.own = items[i].at("request", "url").string();
        if (entry.type == "Binary") {
            const std::string bytes =
                crypto::from_base64(resource["data"].string(), crypto::WhiteSpace::Skip)
                    .value_or("");
            entry.sha256 = crypto::hex(crypto::sha256(bytes));
            entry.bytes = bytes.size();
        }
        places.emplace(items[i]["fullUrl"].string(), i);
        account.entries.push_back(std::move(entry));
    }
    for (std::size_t i = 0; i < items.size(); ++i)
        if (account.entries[i].type != "Binary" && account.entries[i].type != "Bundle")
            follow(account, places, i, "", items[i]["resource"]);
    if (!items.empty()) say_whose(account, places, items[items.size() - 1]["resource"]);
    return account;
}

}  // namespace consultd
