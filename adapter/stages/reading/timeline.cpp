#include "adapter/stages/reading/timeline.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "adapter/stages/reading/sections.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using fhir::JsonView;
using Kind = TimelineRow::Kind;

std::optional<Kind> kind_of(const fhir::Resource& one) {
    const std::string_view type = one.type();
    if (type == "MedicationAdministration") return Kind::Given;
    if (type == "MedicationRequest") return Kind::Ordered;
    if (type == "MedicationStatement") return Kind::Stated;
    if (type == "Procedure") return Kind::Procedure;
    if (type == "DiagnosticReport" && !one["conclusion"].string().empty()) return Kind::Report;
    return std::nullopt;
}

// What did not happen has no place among what did.
bool did_happen(const fhir::Resource& one) {
    constexpr std::string_view never[] = {"entered-in-error", "not-done",      "cancelled", "draft",
                                          "not-taken",        "do-not-perform"};
    for (const std::string_view word : status_words(one))
        if (std::find(std::begin(never), std::end(never), word) != std::end(never)) return false;
    return true;
}

std::optional<std::int64_t> day_of(std::string_view date) {
    const auto parsed = fhir::Datetime::parse(date.substr(0, 10));
    if (!parsed || parsed->day() == 0) return std::nullopt;
    return std::chrono::floor<std::chrono::days>(parsed->earliest()).time_since_epoch().count();
}

void place(TimelineRow& row, const PacketResource& one) {
    for (const std::string_view name : {"effective", "performed"}) {
        const Choice when = choice_of(one.resource.json(), name);
        const auto first = day_of(when.value["start"].string());
        if (when.type != "Period" || !first) continue;
        const auto last = day_of(when.value["end"].string());
        if (!last || *last > *first) {
            row.spans.push_back({*first, last});
            return;
        }
    }
    if (const auto day = day_of(date_of(one.resource))) row.days.push_back(*day);
}

std::int64_t first_day(const TimelineRow& row) {
    std::int64_t first = row.days.empty() ? row.spans.front().first : row.days.front();
    for (const TimelineSpan& span : row.spans) first = std::min(first, span.first);
    return first;
}

}  // namespace

std::vector<TimelineRow> timeline_of(const std::vector<PacketResource>& resources,
                                     const PacketIndex& index) {
    std::vector<const PacketResource*> records;
    for (const PacketResource& one : resources)
        if (kind_of(one.resource) && did_happen(one.resource)) records.push_back(&one);
    sort_newest_first(records);
    std::map<std::pair<Kind, std::string>, TimelineRow> by_name;
    for (const PacketResource* one : records) {
        const Kind kind = *kind_of(one->resource);
        std::string name = item_text(one->resource, index);
        if (name.empty()) continue;
        TimelineRow& row = by_name[{kind, name}];
        row.kind = kind;
        row.name = std::move(name);
        if (row.records.empty()) row.is_current = one->resource["status"].string() == "active";
        row.records.push_back(one);
        place(row, *one);
    }
    std::vector<TimelineRow> rows;
    for (auto& [key, row] : by_name) {
        std::sort(row.days.begin(), row.days.end());
        if (!row.days.empty() || !row.spans.empty()) rows.push_back(std::move(row));
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const TimelineRow& left, const TimelineRow& right) {
                         return first_day(left) < first_day(right);
                     });
    return rows;
}

}  // namespace consultd
