#include "adapter/stages/pull/type_run.h"

#include <algorithm>

namespace consultd {
namespace {

using Kind = Attempt::Kind;

bool is_plain(Kind kind) { return kind == Kind::Plain || kind == Kind::PlainBare; }

bool ask_all_for_less(std::vector<Attempt>& attempts) {
    bool is_less = false;
    for (Attempt& attempt : attempts)
        for (Query& query : attempt.queries) is_less = ask_for_less(query.parameters) || is_less;
    return is_less;
}

}  // namespace

TypeRun::TypeRun(TypePlan plan) : plan_(std::move(plan)) {
    proof_.type = plan_.type;
    begin(0);
}

TypeRun::TypeRun(TypePlan plan, std::set<std::string> came, StaticText word)
    : plan_(std::move(plan)), ids_(std::move(came)), is_check_(true), word_(word) {
    proof_.type = plan_.type;
    data_how_ = word.view().empty() ? StaticText("everything") : word;
    std::erase_if(plan_.attempts, [](const Attempt& attempt) { return attempt.is_witness(); });
    plan_.attempts.insert(plan_.attempts.begin(), counting(plan_));
    begin(0);
}

void TypeRun::confirm(const std::set<std::string>& came) {
    if (proof_.end != TypeEnd::ByCategoryOnly || !std::ranges::includes(came, ids_)) return;
    ids_.insert(came.begin(), came.end());
    proof_.witness = "everything";
    gap_.reset();
    conclude(TypeEnd::Complete, data_how_);
}

bool TypeRun::is_short() const {
    return counted_ && *counted_ > static_cast<std::int64_t>(ids_.size());
}

// A count of fewer than came knows less than we do.
bool TypeRun::agrees() const {
    return counted_ && *counted_ == static_cast<std::int64_t>(ids_.size());
}

void TypeRun::begin(std::size_t attempt) {
    attempt_ = attempt;
    queries_.clear();
    for (const Query& query : plan_.attempts[attempt].queries)
        queries_.emplace_back().query = query;
}

void TypeRun::failed(QueryRun& run, StaticText reason) {
    run.outcome = Outcome::Failed;
    run.answer = reason;
    if (leaves_gaps() && !lacking_) lacking_ = end_of(reason);
}

void TypeRun::refused(QueryRun& run, StaticText reason) {
    run.outcome = Outcome::Refused;
    run.answer = reason;
}

StaticText TypeRun::how() const {
    switch (attempt().kind) {
        case Kind::Loop:
            return "category";
        case Kind::LoopStatus:
            return "status";
        default:
            return "patient";
    }
}

void TypeRun::settle() {
    if (std::ranges::any_of(queries_,
                            [](const QueryRun& run) { return run.outcome == Outcome::Open; }))
        return;
    note();
    if (attempt().is_witness())
        settle_witness();
    else
        settle_data();
}

void TypeRun::note() {
    for (const QueryRun& run : queries_)
        proof_.searches.push_back(
            {run.query.label, run.answer, run.pages, run.ids.size(), run.total});
}

std::optional<std::size_t> TypeRun::next(bool is_witness) const {
    for (std::size_t at = attempt_ + 1; at < plan_.attempts.size(); ++at)
        if (plan_.attempts[at].is_witness() == is_witness) return at;
    return std::nullopt;
}

std::optional<std::size_t> TypeRun::next_loop() const {
    for (std::size_t at = attempt_ + 1; at < plan_.attempts.size(); ++at)
        if (plan_.attempts[at].kind == Kind::Loop) return at;
    return std::nullopt;
}

bool TypeRun::begin_smaller() {
    if (!ask_all_for_less(plan_.attempts)) return false;
    begin(0);
    return true;
}

void TypeRun::settle_data() {
    std::size_t refused = 0;
    for (const QueryRun& run : queries_) {
        refused += run.outcome == Outcome::Refused ? 1 : 0;
        ids_.insert(run.ids.begin(), run.ids.end());
    }
    const bool is_unanswered = std::ranges::none_of(
        queries_, [](const QueryRun& run) { return run.outcome == Outcome::Answered; });
    const bool has_next = refused == queries_.size() && next(false);
    if (is_word_enough() && is_unanswered && !has_next) return conclude(TypeEnd::Complete, word_);
    const bool is_guess = queries_.front().query.is_guess;
    if (refused == queries_.size()) {
        if (const auto another = next(false)) return begin(*another);
        if (is_guess) return conclude(TypeEnd::NotOffered, "patient");
        if (begin_smaller()) return;
        gap_ = queries_.front().answer;
        return conclude(TypeEnd::Refused, how());
    }
    const bool is_empty = is_plain(attempt().kind) && ids_.empty() && !lacking_;
    if (is_empty && plan_.loop_when_empty)
        if (const auto loop = next_loop()) {
            said_none_ = true;
            return begin(*loop);
        }
    data_how_ = how();
    if (lacking_) return conclude(*lacking_, how());
    if ((attempt().is_closed && refused == 0) || (said_none_ && ids_.empty()))
        return conclude(TypeEnd::Complete, how());
    if (const auto witness = next(true)) return begin(*witness);
    if (is_check_ && agrees()) {
        proof_.witness = "count";
        return conclude(TypeEnd::Complete, how());
    }
    conclude(TypeEnd::ByCategoryOnly, how());
}

// A count that knows of more than came, or a search that lacks what another found, is no witness.
void TypeRun::settle_witness() {
    const QueryRun& run = queries_.front();
    const bool is_answered = run.outcome == Outcome::Answered;
    if (is_answered && attempt().kind == Kind::Count) {
        counted_ = run.total;
        if (agrees()) {
            proof_.witness = "count";
            return conclude(TypeEnd::Complete, data_how_);
        }
    }
    if (is_answered && attempt().kind == Kind::Since) {
        const bool has_all = std::ranges::includes(run.ids, ids_);
        ids_.insert(run.ids.begin(), run.ids.end());
        if (has_all && !is_short()) {
            proof_.witness = "since";
            return conclude(TypeEnd::Complete, data_how_);
        }
    }
    if (is_check_) return begin(*next(false));
    if (const auto witness = next(true)) return begin(*witness);
    conclude(is_short() ? TypeEnd::Truncated : TypeEnd::ByCategoryOnly, data_how_);
    if (is_short()) gap_ = StaticText("fewer-than-total");
}

void TypeRun::conclude(TypeEnd end, StaticText how) {
    proof_.how = how;
    proof_.end = end;
    proof_.ids = ids_.size();
    if (end == TypeEnd::ByCategoryOnly) gap_ = StaticText("by-category-only");
    is_done_ = true;
}

}  // namespace consultd
