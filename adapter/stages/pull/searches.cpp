#include "adapter/stages/pull/searches.h"

#include <algorithm>

namespace consultd {

void Searches::add(std::vector<TypePlan> types) {
    for (TypePlan& plan : types) {
        TypeRun& type = types_.emplace_back();
        type.plan = std::move(plan);
        begin_attempt(type);
    }
}

void Searches::begin_attempt(TypeRun& type) {
    type.queries.clear();
    for (const Query& query : type.plan.attempts[type.attempt].queries)
        type.queries.emplace_back().query = query;
}

// The first search that is open and not under way; false when there is none.
bool Searches::start_next(PullConversation& conversation, const fhir::Call& call,
                          std::deque<Active>& active) {
    for (TypeRun& type : types_) {
        if (type.done) continue;
        for (QueryRun& run : type.queries) {
            const bool is_active = std::any_of(active.begin(), active.end(),
                                               [&](const Active& a) { return a.second == &run; });
            if (run.outcome != Outcome::Open || is_active) continue;
            if (!run.search)
                run.search = std::make_unique<fhir::Search>(
                    conversation.client, run.query.url(conversation.client.base()),
                    fhir::SearchLimits{.pages_max = conversation.settings.pages_max,
                                       .resources_max = conversation.limits.resources,
                                       .bytes_max = conversation.limits.record_bytes});
            run.search->start(call);
            active.emplace_back(&type, &run);
            return true;
        }
    }
    return false;
}

Status Searches::run(PullConversation& conversation, const fhir::Call& call) {
    std::deque<Active> active;
    std::optional<Error> ending;
    while (true) {
        // After an error that ends the run, what is under way is still taken in, and nothing begun.
        while (!ending && active.size() < conversation.parallel() &&
               start_next(conversation, call, active)) {
        }
        if (active.empty()) break;
        const auto [type, run] = active.front();
        active.pop_front();
        const Result<fhir::SearchState> state = run->search->step(call);
        tell(conversation, *run);
        if (state && *state == fhir::SearchState::More) {
            if (ending) continue;
            run->search->start(call);
            active.emplace_back(type, run);
            continue;
        }
        if (!state && ends_run(state.error(), ++run->failures)) {
            if (!ending) ending = state.error();
            continue;
        }
        if (!state) fail(conversation, *run, state.error());
        TRY(take_in(conversation, *run));
        TRY(settle(conversation, *type));
    }
    if (ending) return *ending;
    return {};
}

// What a search brought; where it failed after some pages, those pages, beside the gap that says
// so.
Status Searches::take_in(PullConversation& conversation, QueryRun& run) {
    const fhir::SearchResult result = run.search->take();
    run.search.reset();
    run.matches = result.matches.size();
    if (run.outcome == Outcome::Open) {
        run.outcome = Outcome::Answered;
        if (result.incomplete) conversation.gaps.add(run.query.label, "suppressed");
        if (result.total && *result.total > static_cast<std::int64_t>(run.matches))
            conversation.gaps.add(run.query.label, "fewer-than-total");
    }
    for (const auto* entries : {&result.matches, &result.includes})
        for (const fhir::BundleEntry& entry : *entries)
            if (!entry.resource.is_null())
                TRY(conversation.candidates->add({entry.resource, entry.full_url}));
    const std::uint64_t held = conversation.candidates->size();
    conversation.progress.change([&](PullProgress& p) { p.resources = held; });
    return {};
}

void Searches::fail(PullConversation& conversation, QueryRun& run, const Error& error) {
    // 400 and 422: the search needs other parameters, or takes one less than was declared.
    const auto status = error.number("status");
    run.outcome = status == 400 || status == 422 ? Outcome::Refused : Outcome::Failed;
    if (run.outcome == Outcome::Failed) conversation.gaps.add(run.query.label, gap_reason(error));
}

// When all of an attempt's searches have their outcome: done, or the next attempt.
Status Searches::settle(PullConversation& conversation, TypeRun& type) {
    std::size_t refused = 0, matches = 0;
    for (const QueryRun& run : type.queries) {
        if (run.outcome == Outcome::Open) return {};
        refused += run.outcome == Outcome::Refused ? 1 : 0;
        matches += run.matches;
    }
    const auto& attempts = type.plan.attempts;
    const Attempt::Kind kind = attempts[type.attempt].kind;
    const bool was_refused = refused == type.queries.size();
    const bool is_plain = kind == Attempt::Kind::Plain || kind == Attempt::Kind::PlainBare;
    const bool was_empty = type.plan.loop_when_empty && is_plain && matches == 0 && refused == 0;
    std::size_t next = type.attempt + 1;
    if (was_empty)
        while (next < attempts.size() && attempts[next].kind != Attempt::Kind::Loop) ++next;
    if ((was_refused || was_empty) && next < attempts.size() &&
        type.queries.front().outcome != Outcome::Failed) {
        type.attempt = next;
        begin_attempt(type);
        return {};
    }
    for (const QueryRun& run : type.queries)
        if (run.outcome == Outcome::Refused) conversation.gaps.add(run.query.label, "http-400");
    type.done = true;
    const auto done =
        std::count_if(types_.begin(), types_.end(), [](const TypeRun& t) { return t.done; });
    conversation.progress.change([&](PullProgress& p) {
        p.searches_done = static_cast<std::uint64_t>(done);
        p.searches = types_.size();
    });
    return {};
}

void Searches::tell(PullConversation& conversation, QueryRun& run) {
    const std::uint64_t requests = run.search->requests(), pages = run.search->pages();
    conversation.progress.change([&](PullProgress& p) {
        p.requests += requests - std::min(requests, run.requests_told);
        p.pages += pages - std::min<std::uint64_t>(pages, run.pages_told);
    });
    run.requests_told = requests;
    run.pages_told = pages;
}

}  // namespace consultd
