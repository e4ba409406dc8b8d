#include "adapter/learnt.h"

#include <vector>

#include "fhir/json.h"

namespace consultd {
namespace {

using fhir::Json;

constexpr Milliseconds fact_span = std::chrono::hours(24 * 30);

// One row a fact: its name as it is kept, and its value as a number.
struct Fact {
    std::string_view name;
    std::int64_t (*value)(const Learnt&);
    void (*take)(Learnt&, std::int64_t);
};
constexpr Fact facts[] = {
    {"refuses-conditions", [](const Learnt& it) { return std::int64_t{it.refuses_conditions}; },
     [](Learnt& it, std::int64_t value) { it.refuses_conditions = value != 0; }},
    {"honours-conditions", [](const Learnt& it) { return std::int64_t{it.honours_conditions}; },
     [](Learnt& it, std::int64_t value) { it.honours_conditions = value != 0; }},
    {"says-created", [](const Learnt& it) { return std::int64_t{it.says_created}; },
     [](Learnt& it, std::int64_t value) { it.says_created = value != 0; }},
    {"refuses-transactions", [](const Learnt& it) { return std::int64_t{it.refuses_transactions}; },
     [](Learnt& it, std::int64_t value) { it.refuses_transactions = value != 0; }},
    {"takes-only-own-ids", [](const Learnt& it) { return std::int64_t{it.takes_only_own_ids}; },
     [](Learnt& it, std::int64_t value) { it.takes_only_own_ids = value != 0; }},
    {"takes-no-own-ids", [](const Learnt& it) { return std::int64_t{it.takes_no_own_ids}; },
     [](Learnt& it, std::int64_t value) { it.takes_no_own_ids = value != 0; }},
    {"keeps-own-ids", [](const Learnt& it) { return std::int64_t{it.keeps_own_ids}; },
     [](Learnt& it, std::int64_t value) { it.keeps_own_ids = value != 0; }},
    {"finds-tasks", [](const Learnt& it) { return std::int64_t{it.finds_tasks}; },
     [](Learnt& it, std::int64_t value) { it.finds_tasks = value != 0; }},
    {"entries-max", [](const Learnt& it) { return static_cast<std::int64_t>(it.entries_max); },
     [](Learnt& it, std::int64_t value) { it.entries_max = static_cast<std::size_t>(value); }},
    {"bytes-max", [](const Learnt& it) { return static_cast<std::int64_t>(it.bytes_max); },
     [](Learnt& it, std::int64_t value) { it.bytes_max = static_cast<std::uint64_t>(value); }},
    {"slowest-ms", [](const Learnt& it) { return static_cast<std::int64_t>(it.slowest.count()); },
     [](Learnt& it, std::int64_t value) { it.slowest = Milliseconds(value); }},
};

}  // namespace

void Learnt::note_changes(const Learnt& before, std::string_view by, Instant now) {
    for (const Fact& fact : facts) {
        if (fact.value(*this) == fact.value(before)) continue;
        if (fact.value(*this) == 0)
            seen.erase(std::string(fact.name));
        else
            seen[std::string(fact.name)] = {now, std::string(by)};
    }
}

void Learnt::forget_old(Instant now) {
    for (const Fact& fact : facts) {
        const auto found = seen.find(fact.name);
        if (found == seen.end() || found->second.at + fact_span >= now) continue;
        fact.take(*this, 0);
        seen.erase(found);
    }
}

std::string Learnt::print(std::string_view base_url) const {
    std::vector<Json> known;
    for (const Fact& fact : facts)
        if (const auto found = seen.find(fact.name); found != seen.end())
            known.push_back(Json::object({{"fact", fact.name},
                                          {"value", Json(fact.value(*this))},
                                          {"at", format_instant(found->second.at)},
                                          {"by", found->second.by}}));
    return Json::object({{"at", base_url}, {"facts", Json::array(std::move(known))}}).print();
}

Learnt Learnt::parse(std::string text, std::string_view base_url) {
    Learnt learnt;
    const Result<Json> json = Json::parse(std::move(text));
    if (!json || (*json)["at"].string() != base_url) return learnt;
    for (const fhir::JsonView item : (*json)["facts"].items())
        for (const Fact& fact : facts) {
            const auto at = parse_instant(item["at"].string());
            const std::int64_t value = item["value"].integer().value_or(0);
            if (item["fact"].string() != fact.name || !at || value <= 0) continue;
            fact.take(learnt, value);
            learnt.seen[std::string(fact.name)] = {*at, std::string(item["by"].string())};
        }
    return learnt;
}

}  // namespace consultd
