#include "adapter/stages/pull/searches.h"

#include <algorithm>

#include "adapter/stages/pull/self_link.h"

namespace consultd {
namespace {

using Outcome = TypeRun::Outcome;

// Why an answer that came as a whole is not all there is; absent: nothing says so.
std::optional<StaticText> what_lacks(const PullConversation& conversation, const TypeRun& type,
                                     const TypeRun::QueryRun& run,
                                     const fhir::SearchResult& result) {
    if (result.incomplete) return StaticText("suppressed");
    if (is_narrowed(run.query, result.self, *conversation.capability))
        return StaticText("narrowed");
    if (result.has_unreadable_total) return StaticText("malformed-answer");
    if (type.leaves_gaps() && result.total &&
        *result.total > static_cast<std::int64_t>(run.ids.size()))
        return StaticText("fewer-than-total");
    return std::nullopt;
}

std::string name_in(const fhir::BundleEntry& entry) {
    const Result<fhir::Resource> resource = fhir::Resource::from(entry.resource);
    return resource && !resource->id().empty() ? resource->key() : entry.full_url;
}

}  // namespace

void Searches::add(std::vector<TypePlan> types) {
    for (TypePlan& plan : types) types_.emplace_back(std::move(plan));
}

void Searches::check(std::vector<TypePlan> types, const Brought& brought) {
    for (TypePlan& plan : types) {
        const bool is_whole = brought.is_whole(plan.type);
        const std::set<std::string>& came = brought.ids_of(plan.type);
        types_.emplace_back(std::move(plan), came, is_whole ? brought.how : StaticText(""));
    }
}

bool Searches::need_witness() const {
    return std::ranges::any_of(types_, [](const TypeRun& type) {
        return type.is_done() && type.proof().end == TypeEnd::ByCategoryOnly;
    });
}

void Searches::confirm(const Brought& brought) {
    if (!brought.is_whole()) return;
    for (TypeRun& type : types_)
        if (type.is_done()) type.confirm(brought.ids_of(type.proof().type));
}

void Searches::add_gaps(Gaps& gaps) const {
    for (const TypeRun& type : types_)
        if (const auto gap = type.gap()) gaps.add(type.proof().type, *gap);
}

// The first search that is open and not under way; false when there is none.
bool Searches::start_next(PullConversation& conversation, const fhir::Call& call,
                          std::deque<Active>& active) {
    for (TypeRun& type : types_) {
        if (type.is_done()) continue;
        for (QueryRun& run : type.queries()) {
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
        if (state && !is_believed(run->query, run->search->self())) {
            run->search.reset();
            type->refused(*run, "parameter-ignored");
            settle(conversation, *type);
            continue;
        }
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
        if (!state) fail(conversation, *type, *run, state.error());
        TRY(take_in(conversation, *type, *run));
        settle(conversation, *type);
    }
    if (ending) return *ending;
    return {};
}

// What a search brought; where it failed after some pages, those pages, beside the gap that says
// so.
Status Searches::take_in(PullConversation& conversation, TypeRun& type, QueryRun& run) {
    const fhir::SearchResult result = run.search->take();
    run.search.reset();
    run.pages = result.pages;
    run.total = result.total;
    for (const fhir::BundleEntry& entry : result.matches)
        if (!entry.resource.is_null()) run.ids.insert(name_in(entry));
    const auto lack = what_lacks(conversation, type, run, result);
    if (run.outcome == Outcome::Open) {
        run.outcome = Outcome::Answered;
        if (lack) {
            type.failed(run, *lack);
            if (type.leaves_gaps()) conversation.gaps.add(run.query.label, *lack);
        }
    }
    for (const auto* entries : {&result.matches, &result.includes})
        for (const fhir::BundleEntry& entry : *entries)
            if (!entry.resource.is_null()) {
                // What is named at another base cannot be shown to be ours: here is why.
                if (conversation.candidates->addresses().is_elsewhere(entry.full_url))
                    conversation.gaps.add(run.query.type + " fullUrl",
                                          how_foreign(conversation.client.base(), entry.full_url));
                TRY(conversation.candidates->add({entry.resource, entry.full_url}));
            }
    const std::uint64_t held = conversation.candidates->size();
    conversation.progress.change([&](PullProgress& p) { p.resources = held; });
    return {};
}

void Searches::fail(PullConversation& conversation, TypeRun& type, QueryRun& run,
                    const Error& error) {
    // 400 and 422: the search needs other parameters, or takes one less than was declared. A search
    // that the server does not declare is refused by whatever it answers, but for a door: what is
    // behind it may be there.
    const auto status = error.number("status");
    const StaticText reason = gap_reason(error);
    const bool is_door = error.kind() == ErrorKind::Forbidden ||
                         error.kind() == ErrorKind::Unauthorized || error.text("gap").has_value();
    if (status == 400 || status == 422 || (run.query.is_guess && status && !is_door))
        return type.refused(run, reason);
    type.failed(run, reason);
    if (type.leaves_gaps()) conversation.gaps.add(run.query.label, reason);
}

void Searches::settle(PullConversation& conversation, TypeRun& type) {
    type.settle();
    if (!type.is_done()) return;
    const auto done =
        std::count_if(types_.begin(), types_.end(), [](const TypeRun& t) { return t.is_done(); });
    conversation.progress.change([&](PullProgress& p) {
        p.searches_done = static_cast<std::uint64_t>(done);
        p.searches = types_.size();
    });
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

std::vector<TypeProof> Searches::proofs() const {
    std::vector<TypeProof> proofs;
    for (const TypeRun& type : types_)
        if (type.is_done()) proofs.push_back(type.proof());
    return proofs;
}

}  // namespace consultd
