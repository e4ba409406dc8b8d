#include "adapter/ledger.h"

#include <algorithm>
#include <utility>

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

// One line of the ledger: {"line":KIND, and what else it has.
class LineWriter {
public:
    LineWriter(std::string& out, std::string_view kind) : out_(out) { text("line", kind); }
    void text(std::string_view name, std::string_view value) {
        start(name);
        fhir::JsonView::print_string_to(out_, value);
    }
    void number(std::string_view name, std::uint64_t value) {
        start(name);
        out_ += std::to_string(value);
    }
    void json(std::string_view name, fhir::JsonView value) {
        if (value.is_null()) return;
        start(name);
        value.print_to(out_);
    }
    void end() { out_ += "}\n"; }

private:
    void start(std::string_view name) {
        out_ += std::exchange(before_, ',');
        fhir::JsonView::print_string_to(out_, name);
        out_ += ':';
    }
    std::string& out_;
    char before_ = '{';
};

}  // namespace

void Ledger::delivered(std::string source, std::string as, std::string why) {
    lines_.push_back(
        {std::move(source), Line::Outcome::Delivered, std::move(as), "", std::move(why)});
}
void Ledger::merged(std::string source, std::string into, StaticText rule) {
    lines_.push_back({std::move(source), Line::Outcome::Merged, std::move(into), rule});
}
void Ledger::withheld(std::string source, std::string reason, std::string why) {
    lines_.push_back(
        {std::move(source), Line::Outcome::Withheld, std::move(reason), "", std::move(why)});
}
void Ledger::rejected(std::string source, StaticText reason) {
    lines_.push_back({std::move(source), Line::Outcome::Rejected, std::string(reason.view())});
}

void Ledger::add(ChangeList changes) {
    if (changes_.empty())
        changes_ = std::move(changes);
    else
        changes_.append(changes);
}

LedgerCounts Ledger::counts(std::uint64_t pulled) const {
    LedgerCounts counts{.pulled = pulled};
    for (const Line& line : lines_) {
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

Status Ledger::balance(std::vector<std::string_view> pulled) {
    std::ranges::sort(pulled);
    if (std::ranges::adjacent_find(pulled) != pulled.end())
        return Error(ErrorKind::Corrupt, "the pull names a resource twice");
    std::ranges::sort(lines_, {}, &Line::source);
    if (std::ranges::adjacent_find(lines_, {}, &Line::source) != lines_.end())
        return Error(ErrorKind::Corrupt, "a resource has two outcomes in the ledger");
    if (!std::ranges::equal(pulled, lines_, {}, {}, &Line::source))
        return Error(ErrorKind::Corrupt, "the ledger does not balance")
            .with("pulled", static_cast<std::int64_t>(pulled.size()))
            .with("accounted", static_cast<std::int64_t>(lines_.size()));
    return {};
}

std::string Ledger::ndjson(std::uint64_t pulled) const {
    std::string out;
    ndjson(pulled, [&out](std::string_view piece) { out += piece; });
    return out;
}

void Ledger::ndjson(std::uint64_t pulled, const Write& write) const {
    constexpr std::size_t piece_bytes = 1 << 16;
    std::string out;
    const auto end = [&](LineWriter& line) {
        line.end();
        if (out.size() < piece_bytes) return;
        write(out);
        out.clear();
    };
    for (const Line& one : lines_) {
        LineWriter line(out, "resource");
        line.text("source", one.source);
        line.text("outcome", name_of(one.outcome));
        line.text(detail_name(one.outcome), one.detail);
        if (!one.rule.view().empty()) line.text("rule", one.rule.view());
        if (!one.why.empty()) line.text("why", one.why);
        end(line);
    }
    for (std::size_t i = 0; i < changes_.size(); ++i) {
        const ChangeList::View change = changes_.view(i);
        LineWriter line(out, "change");
        line.text("resource", change.resource);
        line.text("path", change.path);
        line.text("rule", change.rule.view());
        line.json("before", change.before);
        line.json("after", change.after);
        end(line);
    }
    for (const Gap& gap : gaps_) {
        LineWriter line(out, "gap");
        line.text("what", gap.what);
        line.text("reason", gap.reason.view());
        end(line);
    }
    const LedgerCounts sums = counts(pulled);
    LineWriter total(out, "total");
    total.number("pulled", sums.pulled);
    total.number("delivered", sums.delivered);
    total.number("merged", sums.merged);
    total.number("withheld", sums.withheld);
    total.number("rejected", sums.rejected);
    total.end();
    write(out);
}

std::string delivery_line(fhir::JsonView how) {
    std::string out;
    LineWriter line(out, "delivery");
    for (const fhir::JsonMember& member : how.members()) line.json(member.name(), member.value);
    line.end();
    return out;
}

}  // namespace consultd
