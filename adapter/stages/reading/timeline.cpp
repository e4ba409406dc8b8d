#include "adapter/stages/reading/timeline.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include "adapter/stages/reading/attachment_text.h"
#include "fhir/datetime.h"

namespace consultd {
namespace {

using Kind = TimelineRow::Kind;

std::optional<Kind> kind_of(const fhir::Resource& one) {
    const std::string_view type = one.type();
    if (type == "MedicationAdministration") return Kind::Given;
    if (type == "MedicationRequest") return Kind::Ordered;
    if (type == "MedicationStatement") return Kind::Stated;
    if (type == "Procedure") return Kind::Procedure;
    if (type == "DiagnosticReport" && is_report(one)) return Kind::Report;
    return std::nullopt;
}

std::int64_t day_number(Instant at) {
    return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
}

std::optional<std::int64_t> day_of(std::string_view date) {
    const auto parsed = fhir::Datetime::parse(date.substr(0, 10));
    if (!parsed || parsed->day() == 0) return std::nullopt;
    return day_number(parsed->earliest());
}

void place(TimelineRow& row, const Statement& one) {
    const std::string_view date = one.when.date, until = one.when.until;
    const auto first = day_of(date), last = day_of(until);
    const bool is_open = choice_of(one.resource().json(), "effective").type == "Period" ||
                         choice_of(one.resource().json(), "performed").type == "Period";
    if (first && is_open && (until.empty() || (last && *last > *first)))
        row.spans.push_back({*first, last});
    else if (first)
        row.days.push_back(*first);
    else if (const auto part = fhir::Datetime::parse(date))  // a month or a year
        row.spans.push_back({day_number(part->earliest()), day_number(part->latest()) - 1, true});
}

std::int64_t first_day(const TimelineRow& row) {
    std::int64_t first = row.days.empty() ? row.spans.front().first : row.days.front();
    for (const TimelineSpan& span : row.spans) first = std::min(first, span.first);
    return first;
}

}  // namespace

std::vector<TimelineRow> timeline_of(const Reading& reading) {
    std::vector<const Statement*> statements;
    for (const Statement& one : reading.all())
        if (kind_of(one.resource()) && one.places().drawn && one.is_dated() && !one.what.empty())
            statements.push_back(&one);
    sort_newest_first(statements);
    std::map<std::tuple<Kind, std::string, std::string>, TimelineRow> by_name;
    for (const Statement* one : statements) {
        const Kind kind = *kind_of(one->resource());
        TimelineRow& row = by_name[{kind, one->what, one->words}];
        row.kind = kind;
        row.name = one->what;
        row.words = one->words;
        if (row.statements.empty())
            row.is_current = one->is_plain() && one->resource()["status"].string() == "active";
        row.statements.push_back(one);
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
