#include "adapter/ledger.h"

#include <algorithm>

namespace consultd {
namespace {

std::string_view name_of(Ledger::Line::Outcome outcome) {
    switch (outcome) {
        case Ledger::Line::Outcome::Delivered:
            return "delivered";
        case Ledger::Line::Outcome::Merged:
            return "merged";
        case Ledger::Line::Outcome::Withheld:
            return "withheld";
        case Ledger::Line::Outcome::Rejected:
            return "rejected";
    }
    return "";
}

std::string_view detail_name(Ledger::Line::Outcome outcome) {
    switch (outcome) {
        case Ledger::Line::Outcome::Delivered:
            return "as";
        case Ledger::Line::Outcome::Merged:
            return "into";
        default:
            return "reason";
    }
}

fhir::Json count(std::uint64_t value) { return fhir::Json(static_cast<std::int64_t>(value)); }

}  // namespace

Status Ledger::add(std::string source, Line line) {
    const bool added = lines_.emplace(std::move(source), std::move(line)).second;
    if (!added) return Error(ErrorKind::Corrupt, "a resource has two outcomes in the ledger");
    return {};
}

Status Ledger::delivered(std::string source, std::string as) {
    return add(std::move(source), {Line::Outcome::Delivered, std::move(as)});
}
Status Ledger::merged(std::string source, std::string into, StaticText rule) {
    return add(std::move(source), {Line::Outcome::Merged, std::move(into), rule});
}
Status Ledger::withheld(std::string source, std::string reason) {
    return add(std::move(source), {Line::Outcome::Withheld, std::move(reason)});
}
Status Ledger::rejected(std::string source, StaticText reason) {
    return add(std::move(source), {Line::Outcome::Rejected, std::string(reason.view())});
}

LedgerCounts Ledger::counts(std::uint64_t pulled) const {
    LedgerCounts counts{.pulled = pulled};
    for (const auto& [source, line] : lines_) {
        switch (line.outcome) {
            case Line::Outcome::Delivered:
                ++counts.delivered;
                break;
            case Line::Outcome::Merged:
                ++counts.merged;
                break;
            case Line::Outcome::Withheld:
                ++counts.withheld;
                break;
            case Line::Outcome::Rejected:
                ++counts.rejected;
                break;
        }
    }
    return counts;
}

Status Ledger::balance(const std::vector<std::string>& pulled) const {
    std::vector<std::string> names = pulled;
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end())
        return Error(ErrorKind::Corrupt, "the pull names a resource twice");
    const bool same =
        names.size() == lines_.size() &&
        std::equal(names.begin(), names.end(), lines_.begin(),
                   [](const std::string& name, const auto& line) { return name == line.first; });
    if (!same)
        return Error(ErrorKind::Corrupt, "the ledger does not balance")
            .with("pulled", static_cast<std::int64_t>(names.size()))
            .with("accounted", static_cast<std::int64_t>(lines_.size()));
    return {};
}

std::string Ledger::ndjson(std::uint64_t pulled) const {
    using fhir::Json;
    std::string out;
    const auto line_out = [&out](const Json& json) { out += json.print() + '\n'; };
    for (const auto& [source, line] : lines_) {
        Json json = Json::object({{"line", "resource"},
                                  {"source", source},
                                  {"outcome", name_of(line.outcome)},
                                  {detail_name(line.outcome), line.detail}});
        if (!line.rule.view().empty()) json = json.with("rule", line.rule.view());
        line_out(json);
    }
    for (const Change& change : changes_)
        line_out(Json::object({{"line", "change"},
                               {"resource", change.resource},
                               {"path", change.path},
                               {"rule", change.rule.view()},
                               {"before", change.before},
                               {"after", change.after}}));
    for (const Gap& gap : gaps_)
        line_out(
            Json::object({{"line", "gap"}, {"what", gap.what}, {"reason", gap.reason.view()}}));
    const LedgerCounts sums = counts(pulled);
    line_out(Json::object({{"line", "total"},
                           {"pulled", count(sums.pulled)},
                           {"delivered", count(sums.delivered)},
                           {"merged", count(sums.merged)},
                           {"withheld", count(sums.withheld)},
                           {"rejected", count(sums.rejected)}}));
    return out;
}

}  // namespace consultd
