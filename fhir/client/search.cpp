#include "fhir/client/search.h"

#include <algorithm>

#include "fhir/base/crypto.h"

namespace consultd::fhir {
namespace {

// What the search asks for: "Observation" of https://ehr.example/fhir/Observation?…; empty for
// $everything.
std::string_view searched_type(const Url& first) {
    std::string_view path = first.path();
    if (path.ends_with("/_search")) path.remove_suffix(8);
    path.remove_prefix(path.rfind('/') + 1);
    return is_resource_type(path) ? path : std::string_view{};
}

// An operation's `next` leads to more of it, or to a page of the server's own making (its base, a
// Bundle): not to a search, and to nobody else.
bool leaves_operation(const Url& base, const Url& first, const Url& next) {
    if (!first.path().ends_with("/$everything") || next.path() == first.path()) return false;
    std::string_view below = next.path();
    if (!below.starts_with(base.path())) return true;
    below.remove_prefix(base.path().size());
    while (below.starts_with('/')) below.remove_prefix(1);
    const std::string_view type = below.substr(0, below.find('/'));
    return is_resource_type(type) && type != "Bundle";
}

enum class Mode { Match, Include, Outcome };

// https://hl7.org/fhir/R4/search.html#entries; the mode may be absent.
Mode mode_of(const BundleEntry& entry, std::string_view searched) {
    const std::string_view type = entry.resource["resourceType"].string();
    if (entry.search_mode == "outcome" || type == "OperationOutcome") return Mode::Outcome;
    if (entry.search_mode == "include") return Mode::Include;
    if (entry.search_mode == "match") return Mode::Match;
    return searched.empty() || type == searched ? Mode::Match : Mode::Include;
}

// The page says of itself that it is a part, where no part was asked for.
// https://hl7.org/fhir/R4/search.html#summary
bool is_subsetted(const Bundle& page, const Url& first) {
    if (first.query().find("_summary=") != std::string::npos) return false;
    return std::ranges::any_of(page.json().at("meta", "tag").items(),
                               [](JsonView tag) { return tag["code"].string() == "SUBSETTED"; });
}

}  // namespace

Search::Search(FhirClient& client, Url first, SearchLimits limits)
    : client_(client), first_(std::move(first)), limits_(limits), due_(first_) {}

Search Search::by_post(FhirClient& client, Url first, std::string form, SearchLimits limits) {
    Search search(client, std::move(first), limits);
    search.form_ = std::move(form);
    return search;
}

void Search::start(const Call& call) {
    if (done_ || under_way_.valid()) return;
    ++requests_;
    const bool by_post = !form_.empty() && result_.pages == 0;
    // What was kept led to a page that has expired.
    Call asked = call;
    if (restarts_ > 0 || has_failed_) asked.from = Call::From::Server;
    under_way_ =
        by_post ? client_.start_search(due_, form_, asked) : client_.start_get(due_, asked);
}

Result<SearchState> Search::step(const Call& call) {
    if (done_) return SearchState::Done;
    start(call);
    auto response = std::exchange(under_way_, {}).get();
    if (response) return take_in(std::move(*response));
    has_failed_ = true;
    if (restart_after(response.error())) return SearchState::More;
    return response.error();
}

Result<SearchResult> Search::run(const Call& call) {
    while (!done_)
        if (const auto state = step(call); !state) return state.error();
    return take();
}

Result<SearchState> Search::take_in(FhirResponse response) {
    bytes_ += response.bytes;
    has_failed_ = false;
    TRY_ASSIGN(const Bundle page, Bundle::parse(std::move(response.body), BundleType::Searchset));
    const JsonView entries = page.json()["entry"];
    // Servers whose `next` never ends give the last page again and again under new names. An empty
    // page with a `next` is legal, and ended by the limit of pages alone.
    if (entries.size() != 0 && !page_digests_.insert(crypto::sha256(entries.print())).second)
        return Error(ErrorKind::Malformed, "search gives the same page twice")
            .with("page", result_.pages + 1);
    visited_.insert(due_.text());
    if (entries.size() == 0 && !result_.matches.empty()) result_.has_empty_page = true;
    if (result_.pages == 0) {
        result_.self = page.link("self").value_or("");
        result_.total = page.total();
    }
    if (page.json().has("total") && !page.total()) result_.has_unreadable_total = true;
    if (is_subsetted(page, first_)) result_.incomplete = true;
    ++result_.pages;
    sort_in(page);
    TRY(check_limits());

    const auto next = page.link("next");
    if (!next) {
        done_ = true;
        return SearchState::Done;
    }
    if (result_.pages >= limits_.pages_max)
        return Error(ErrorKind::Unsupported, "search has more pages than the limit")
            .with("pages", result_.pages);
    TRY_ASSIGN(Url url, due_.resolve(*next));
    if (!url.same_origin(client_.base()))
        return Error(ErrorKind::Forbidden, "search goes on at another origin")
            .with("page", result_.pages + 1);
    if (leaves_operation(client_.base(), first_, url))
        return Error(ErrorKind::Malformed, "an operation goes on as something else")
            .with("gap", StaticText("left-operation"));
    if (visited_.contains(url.text()))
        return Error(ErrorKind::Malformed, "search's next links form a cycle")
            .with("page", result_.pages + 1);
    due_ = std::move(url);
    return SearchState::More;
}

void Search::sort_in(const Bundle& page) {
    const std::string_view searched = searched_type(first_);
    for (const BundleEntry& entry : page.entries()) {
        if (entry.resource.is_null()) {
            result_.incomplete = true;  // something is there that we were not given
            continue;
        }
        switch (mode_of(entry, searched)) {
            case Mode::Match:
                result_.matches.push_back(entry);
                break;
            case Mode::Include:
                result_.includes.push_back(entry);
                break;
            case Mode::Outcome:
                for (OperationOutcomeIssue& issue : issues_of(entry.resource)) {
                    if (issue.is_error() || issue.code == "suppressed" ||
                        issue.code == "incomplete")
                        result_.incomplete = true;
                    result_.issues.push_back(std::move(issue));
                }
        }
    }
}

Status Search::check_limits() const {
    const std::uint64_t resources = result_.matches.size() + result_.includes.size();
    if (resources > limits_.resources_max)
        return Error(ErrorKind::TooLarge, "search has more resources than the limit")
            .with("resources", static_cast<std::int64_t>(resources));
    if (bytes_ > limits_.bytes_max)
        return Error(ErrorKind::TooLarge, "search has more bytes than the limit")
            .with("bytes", static_cast<std::int64_t>(bytes_));
    return {};
}

// The server forgot the search that `next` belongs to (HAPI: 410 or 404, others 400). What came of
// it cannot be put together with a new search, whose pages may be cut elsewhere: all is asked for
// anew.
bool Search::restart_after(const Error& error) {
    const auto status = error.number("status");
    const bool expired = status == 404 || status == 410 || status == 400;
    if (!expired || result_.pages == 0 || restarts_ >= limits_.restarts_max) return false;
    ++restarts_;
    due_ = first_;
    visited_.clear();
    page_digests_.clear();
    result_ = {};
    bytes_ = 0;
    return true;
}

}  // namespace consultd::fhir
