#include "samples/sandbox/habits.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace consultd::sandbox {

using fhir::JsonView;

namespace {

struct HabitRow {
    std::string_view name;
    long usual;  // its number where none is given
    void (*take)(Habits&, long number);
};

constexpr std::array<HabitRow, 36> rows{{
    {"no-transaction", 0, [](Habits& it, long) { it.transactions = false; }},
    {"batch", 0, [](Habits& it, long) { it.entry_by_entry = true; }},
    {"commit-then-4xx", 0, [](Habits& it, long) { it.commits_then_refuses = true; }},
    {"no-conditions", 0, [](Habits& it, long) { it.declares_conditions = false; }},
    {"ignores-conditions", 0, [](Habits& it, long) { it.honours_conditions = false; }},
    {"no-binary-conditions", 0, [](Habits& it, long) { it.binary_conditions = false; }},
    {"puts-only", 0, [](Habits& it, long) { it.only_puts = true; }},
    {"own-ids", 0, [](Habits& it, long) { it.gives_own_ids = true; }},
    {"raw-binary", 0, [](Habits& it, long) { it.raw_binaries = true; }},
    {"no-task-search", 0, [](Habits& it, long) { it.task_searches = false; }},
    {"post-search-only", 0, [](Habits& it, long) { it.get_searches = false; }},
    {"other-chart", 0, [](Habits& it, long) { it.others_chart = true; }},
    {"doubles", 0, [](Habits& it, long) { it.doubles = true; }},
    {"says-200", 0, [](Habits& it, long) { it.says_known = true; }},
    {"no-location", 0, [](Habits& it, long) { it.says_where = false; }},
    {"accepts-only", 0, [](Habits& it, long) { it.says_what = false; }},
    {"invalid-bundle", 400,
     [](Habits& it, long number) { it.bundle_status = static_cast<int>(number); }},
    {"forbids-bundles", 403,
     [](Habits& it, long number) { it.bundle_status = static_cast<int>(number); }},
    {"drops-later", 5,
     [](Habits& it, long number) { it.reads_then_drop = static_cast<std::size_t>(number); }},
    {"lagging-reads", 2,
     [](Habits& it, long number) { it.read_lag = std::chrono::seconds(number); }},
    {"eight-entries", 8,
     [](Habits& it, long number) { it.entries_max = static_cast<std::size_t>(number); }},
    {"small-bodies", 100'000,
     [](Habits& it, long number) { it.body_bytes_max = static_cast<std::size_t>(number); }},
    {"slow-commit", 25, [](Habits& it, long number) { it.commit = std::chrono::seconds(number); }},
    {"lagging-index", 5,
     [](Habits& it, long number) { it.index_lag = std::chrono::seconds(number); }},
    {"search-cache", 60, [](Habits& it, long number) { it.cache = std::chrono::seconds(number); }},
    {"bulk", 0, [](Habits&, long) {}},
    {"bulk-polls", 2, [](Habits& it, long number) { it.bulk.polls = number; }},
    {"bulk-429", 0, [](Habits& it, long) { it.bulk.limits_polls = true; }},
    {"bulk-get-only", 0, [](Habits& it, long) { it.bulk.by_get_alone = true; }},
    {"bulk-others", 0, [](Habits& it, long) { it.bulk.ignores_patient = true; }},
    {"bulk-cut-line", 0, [](Habits& it, long) { it.bulk.cuts_a_line = true; }},
    {"bulk-wrong-count", 0, [](Habits& it, long) { it.bulk.counts_wrong = true; }},
    {"bulk-file-404", 0, [](Habits& it, long) { it.bulk.loses_a_file = true; }},
    {"bulk-other-origin", 0, [](Habits& it, long) { it.bulk.files_elsewhere = true; }},
    {"bulk-open-files", 0, [](Habits& it, long) { it.bulk.files_open = true; }},
    {"bulk-expires", 0, [](Habits& it, long) { it.bulk.expires = true; }},
}};

bool has_condition(JsonView entry) { return !entry.at("request", "ifNoneExist").string().empty(); }

}  // namespace

Status Habits::add(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view digits = text.substr(std::min(colon + 1, text.size()));
    for (const HabitRow& row : rows) {
        if (row.name != text.substr(0, colon)) continue;
        long number = row.usual;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (!digits.empty() &&
            (read.ec != std::errc() || number < 0 || read.ptr != digits.data() + digits.size()))
            return Error(ErrorKind::Config, "a habit's number is none");
        row.take(*this, number);
        bulk.offered = bulk.offered || row.name.starts_with("bulk");
        return {};
    }
    return Error(ErrorKind::Config, "there is no habit of that name");
}

void LaggingIndex::remember(const Store& store, Instant now) { past_.emplace_back(now, store); }

const Store& LaggingIndex::seen(const Store& store, Instant now, Milliseconds lag) {
    // Before the first write that the index does not know yet.
    while (!past_.empty() && past_.front().first + lag <= now) past_.pop_front();
    return past_.empty() ? store : past_.front().second;
}

std::optional<std::string> SearchCache::find(const std::string& search, Instant now,
                                             Milliseconds kept) {
    const auto found = answers_.find(search);
    if (found == answers_.end() || found->second.first + kept <= now) return std::nullopt;
    return found->second.second;
}

void SearchCache::keep(const std::string& search, std::string body, Instant now) {
    answers_[search] = {now, std::move(body)};
}

void spoil_what_is_new(const Habits& habits, const Store& before, Store& store, Instant now) {
    if (!habits.others_chart && !habits.doubles) return;
    const Store after = store;
    for (const auto& [type, by_id] : after.all())
        for (const auto& [id, stored] : by_id) {
            if (before.find(type, id) != nullptr) continue;
            if (habits.doubles) store.put(type, store.new_id(), stored.json, now);
            if (habits.others_chart && type == "Patient")
                store.put(type, id,
                          stored.json
                              .with("name", fhir::Json::array({fhir::Json::object(
                                                {{"family", "Else"},
                                                 {"given", fhir::Json::array({"Somebody"})}})}))
                              .with("birthDate", "1901-01-01"),
                          now);
        }
}

std::optional<Error> refusal_of(const Habits& habits, const fhir::Json& bundle) {
    if (habits.bundle_status != 0)
        return Error(ErrorKind::Malformed, "this Bundle is not taken")
            .with("status", habits.bundle_status)
            .with("issue",
                  habits.bundle_status == 403 ? StaticText("forbidden") : StaticText("invalid"));
    if (!habits.transactions)
        return Error(ErrorKind::Malformed, "this server takes no Bundle at its base")
            .with("status", 405)
            .with("issue", "not-supported");
    const auto entries = bundle["entry"].items();
    const bool any = std::any_of(entries.begin(), entries.end(), has_condition);
    if (any && !habits.declares_conditions)
        return Error(ErrorKind::Malformed, "conditional create is not known here")
            .with("status", 412)
            .with("issue", "not-supported");
    if (any && habits.entries_max != 0 && entries.size() > habits.entries_max)
        return Error(ErrorKind::Malformed, "too many entries for a transaction with conditions")
            .with("status", 400)
            .with("issue", "too-costly");
    return std::nullopt;
}

}  // namespace consultd::sandbox
