#include "adapter/stages/deliver/ways.h"

#include <algorithm>
#include <array>
#include <map>

#include "adapter/stages/deliver/entries.h"
#include "fhir/r4/walk.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;
using fhir::r4::Edit;
using fhir::r4::Visit;
using Method = config::Deliver::Method;

// A limit that was run into is taken to be this much smaller: each try costs the destination's
// settle time.
constexpr std::size_t shrink_by = 4;

using Places = std::map<std::string, std::size_t, std::less<>>;  // by fullUrl

// Leads references to what lies there, and those to what comes later to its identifier.
class Relinker final : public fhir::r4::Walker {
public:
    Relinker(const Account& account, const Places& places, const std::vector<std::size_t>& here)
        : account_(account), places_(places), here_(here) {}

    Edit reference(const Visit& visit) override {
        const AccountEntry* const target = elsewhere(visit.value["reference"].string());
        if (target == nullptr) return Edit::keep();
        if (!target->location.empty())
            return Edit::replace(visit.value.with("reference", target->location));
        const Json rest = visit.value.without("reference");
        if (target->by != "identifier") return Edit::replace(rest);
        return Edit::replace(
            rest.with("identifier", make_identifier(target->system, target->value)));
    }
    Edit attachment(const Visit& visit) override {
        const AccountEntry* const target = elsewhere(visit.value["url"].string());
        if (target == nullptr || target->location.empty()) return Edit::keep();
        return Edit::replace(visit.value.with("url", target->location));
    }

private:
    // An entry that is not in this request; null: it is, or it is none of ours.
    const AccountEntry* elsewhere(std::string_view name) const {
        const auto found = places_.find(name);
        if (found == places_.end() || std::ranges::binary_search(here_, found->second))
            return nullptr;
        return &account_.entries[found->second];
    }
    const Account& account_;
    const Places& places_;
    const std::vector<std::size_t>& here_;
};

Places places_of(const Json& transaction) {
    Places places;
    const auto items = transaction["entry"].items();
    for (std::size_t i = 0; i < items.size(); ++i) places.emplace(items[i]["fullUrl"].string(), i);
    return places;
}

std::vector<std::size_t> not_there(const Account& account) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < account.entries.size(); ++i)
        if (account.entries[i].location.empty()) places.push_back(i);
    return places;
}

Json resource_of(const Json& entry, Relinker& relinker) {
    const Json resource = entry.get("resource");
    const std::string_view type = resource["resourceType"].string();
    // These refer to nothing: https://hl7.org/fhir/R4/binary.html; the names in the document are
    // its own.
    return type == "Binary" || type == "Bundle" ? resource : fhir::r4::walk(resource, relinker);
}

// It lets us choose ids: what loses its condition is put under one, so that a request that comes
// twice adds nothing.
bool takes_our_ids(const Json& transaction) {
    return std::ranges::any_of(transaction["entry"].items(), [](JsonView entry) {
        return entry.at("request", "method").string() == "PUT";
    });
}

Json without_condition(const Json& entry, bool takes_our_ids) {
    const Json request = entry.get("request");
    constexpr std::string_view prefix = "urn:uuid:";
    const std::string_view name = entry["fullUrl"].string();
    if (!request.has("ifNoneExist")) return entry;
    if (!takes_our_ids || !name.starts_with(prefix))
        return entry.with("request", request.without("ifNoneExist"));
    const std::string id(name.substr(prefix.size()));
    const std::string key = std::string(request["url"].string()) + "/" + id;
    return entry.with("resource", entry.get("resource").with("id", id))
        .with("request", Json::object({{"method", "PUT"}, {"url", key}}));
}

std::string bundle_of(const Json& transaction, const Account& account, const Places& places,
                      const std::vector<std::size_t>& here, std::vector<std::size_t>& puts) {
    std::vector<Json> entries;
    puts.clear();
    Relinker relinker(account, places, here);
    const bool can_choose_ids = takes_our_ids(transaction);
    for (const std::size_t place : here) {
        Json entry = transaction.share(transaction["entry"].items()[place]);
        if (!account.has_conditions) entry = without_condition(entry, can_choose_ids);
        if (entry.at("request", "method").string() == "PUT") puts.push_back(place);
        entries.push_back(entry.with("resource", resource_of(entry, relinker)));
    }
    return Json::object({{"resourceType", "Bundle"},
                         {"type", "transaction"},
                         {"entry", Json::array(std::move(entries))}})
        .print();
}

DeliveryRequest single(const Json& transaction, const Account& account, const Places& places,
                       std::size_t place) {
    const std::vector<std::size_t> here{place};
    Relinker relinker(account, places, here);
    const Json fixed = transaction.share(transaction["entry"].items()[place]);
    const AccountEntry& known = account.entries[place];
    // Until it is refused: a request that comes twice adds nothing where it is honoured.
    std::string condition;
    if (known.own.empty() && account.has_conditions)
        condition = fixed.at("request", "ifNoneExist").string();
    const bool can_choose_ids = account.ids == Account::Ids::AsFixed && takes_our_ids(transaction);
    const Json entry =
        condition.empty() ? without_condition(fixed, can_choose_ids && known.own.empty()) : fixed;
    std::string own = known.own;
    if (own.empty() && can_choose_ids && entry.at("request", "method").string() == "PUT")
        own = entry.at("request", "url").string();
    const bool is_put = !own.empty();
    Json resource = resource_of(entry, relinker);
    resource =
        is_put ? resource.with("id", own.substr(known.type.size() + 1)) : resource.without("id");
    return {.method = is_put ? "PUT" : "POST",
            .path = is_put ? own : known.type,
            .body = resource.print(),
            .places = here,
            .puts = is_put ? here : std::vector<std::size_t>(),
            .has_conditions = !condition.empty(),
            .condition = std::move(condition)};
}

// Of two limits; 0 is none.
std::uint64_t smallest(std::uint64_t one, std::uint64_t other) {
    return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
}

// A Binary is found by whoever refers to it: where the answer is lost, one that went without them
// could not be asked for. So it waits for them, unless it is the only one.
void keep_together(std::vector<std::size_t>& here, const Account& account) {
    const auto is_cut_off = [&](const AccountEntry& entry) {
        return entry.type == "Binary" && entry.referrer != AccountEntry::nobody &&
               !std::ranges::binary_search(here, entry.referrer);
    };
    while (here.size() > 1 && is_cut_off(account.entries[here.back()])) here.pop_back();
}

Error too_large(std::size_t bytes) {
    return Error(ErrorKind::Unsupported, "the transaction is larger than the destination takes")
        .with("bytes", static_cast<std::int64_t>(bytes));
}

// 412 else: a condition finds several. https://hl7.org/fhir/R4/http.html#ccreate
bool is_unknown_condition(const Refusal& refusal) {
    return refusal.status == 412 && refusal.issue == "not-supported";
}

// It does not take this at this address, or from us so.
bool is_of_the_method(int status) {
    return status == 403 || status == 404 || status == 405 || status == 410 || status == 501;
}

bool says_too_much(const Refusal& refusal) {
    return refusal.issue == "too-costly" || refusal.issue == "too-long";
}

}  // namespace

Result<DeliveryRequest> next_request(const Json& transaction, const Account& account) {
    const Places places = places_of(transaction);
    std::vector<std::size_t> here = not_there(account);
    if (here.empty()) return DeliveryRequest{};
    if (account.is_sequence) return single(transaction, account, places, here.front());
    const bool is_whole = account.method == Method::Transaction;
    if (!is_whole && account.entries_max != 0 && here.size() > account.entries_max)
        here.resize(account.entries_max);
    keep_together(here, account);
    DeliveryRequest request{.has_conditions = account.has_conditions};
    const std::uint64_t most = smallest(account.bytes_max, account.bytes_limit);
    for (;;) {
        request.body = bundle_of(transaction, account, places, here, request.puts);
        if (most == 0 || request.body.size() <= most) break;
        const bool is_over_limit =
            account.bytes_limit != 0 && request.body.size() > account.bytes_limit;
        if ((is_whole || here.size() == 1) && is_over_limit) return too_large(request.body.size());
        if (is_whole || here.size() == 1) break;
        // By how much it is too large says about how many go.
        const double share = static_cast<double>(most) / static_cast<double>(request.body.size());
        const auto fewer = static_cast<std::size_t>(static_cast<double>(here.size()) * share);
        here.resize(std::clamp<std::size_t>(fewer, 1, here.size() - 1));
        keep_together(here, account);
    }
    request.places = std::move(here);
    return request;
}

void choose_way(Account& account, const config::Deliver& settings,
                const DestinationCapability& capability) {
    account.method = settings.method;
    account.bytes_limit = settings.bundle_bytes_max;
    account.has_conditions = !capability.refuses_conditions;
    account.is_sequence = settings.method == Method::Sequence ||
                          (settings.method == Method::Auto && capability.has_no_transactions);
    if (account.is_sequence && capability.takes_only_own_ids) account.give_ids(Account::Ids::Ours);
}

// Each row: what was answered, and what may then be tried.
bool find_another_way(Account& account) {
    const Refusal& refusal = account.refusal.value();
    const int status = refusal.status;
    const bool is_bundle = !account.is_sequence;
    const bool may_split = is_bundle && account.method != Method::Transaction;
    // It takes no Bundle at its base, by what it says of the address or the method.
    if (is_bundle && is_of_the_method(status) && account.method == Method::Auto) {
        account.is_sequence = true;
        return true;
    }
    // It takes no POST of a resource, or no id of ours: the other, once. Where it keeps others, it
    // is not about ids, and a POST that is repeated would add something.
    const bool is_no_id =
        refusal.was_put && (status == 400 || status == 422) && !account.keeps_our_ids();
    if (account.is_sequence && account.ids == Account::Ids::AsFixed &&
        (is_of_the_method(status) || is_no_id)) {
        account.give_ids(refusal.was_put ? Account::Ids::Theirs : Account::Ids::Ours);
        return true;
    }
    // Its limit on bytes; on entries.
    if (may_split && refusal.entries > 1 && (status == 413 || refusal.issue == "too-long")) {
        account.bytes_max = std::max<std::uint64_t>(1, refusal.bytes / shrink_by);
        return true;
    }
    // Conditions that are declared and not known are answered with 400 or 412; where nothing is
    // there, nothing is lost by sending it without them.
    if (refusal.had_conditions && (status == 400 || is_unknown_condition(refusal))) {
        account.has_conditions = false;
        return true;
    }
    if (may_split && refusal.entries > 1 && says_too_much(refusal)) {
        account.entries_max = std::max<std::size_t>(1, refusal.entries / shrink_by);
        return true;
    }
    // What is wrong with it may be the Bundle as such, whatever it says: the last way is one by
    // one, where each entry gets an answer of its own. 422 is said of the content.
    const bool is_of_the_whole = status == 400 || (status == 415 && refusal.issue.empty()) ||
                                 (status == 422 && refusal.issue == "not-supported");
    if (is_bundle && is_of_the_whole && account.method == Method::Auto) {
        account.is_sequence = true;
        return true;
    }
    return false;
}

}  // namespace consultd
