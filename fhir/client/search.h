// Search: one FHIR search with all its pages, stepwise, so that several overlap: `start` sends the
// request for the page that is due and returns, `step` waits for its answer.
//
//     for (Search& search : searches) search.start(call);
//     while (…) { TRY_ASSIGN(SearchState state, search.step(call)); if (state == SearchState::More)
//     search.start(call); }
//
// It follows `next` and nothing else, on the base's origin alone. A page that fails is an error,
// never a short result; after an error worth another try `start` asks for that same page again. It
// does not know what a page is about: who the patient is and what was asked for is the caller's.
// https://hl7.org/fhir/R4/search.html, https://hl7.org/fhir/R4/http.html#paging
#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fhir/bundle.h"
#include "fhir/client/fhir_client.h"

namespace consultd::fhir {

struct SearchLimits {
    std::uint32_t pages_max = 5000;
    std::uint64_t resources_max = 200'000;             // matches and includes
    std::uint64_t bytes_max = std::uint64_t{2} << 30;  // of all pages
    std::uint32_t restarts_max = 1;  // from the first page, when a `next` has expired
};

// All pages of one search. A resource that came on several pages is here several times, as it came:
// de-duplicate by type, id and version.
struct SearchResult {
    std::vector<BundleEntry> matches;
    std::vector<BundleEntry> includes;
    std::vector<OperationOutcomeIssue> issues;  // of `outcome` entries
    // An outcome said that something was left out (`suppressed`, `incomplete`, or an error).
    bool incomplete = false;
    // After a page with entries came one without. Legal in a search, which has its filters; of an
    // operation it was seen to be half of a record.
    bool has_empty_page = false;
    std::string self;  // the first page's link: the parameters that the server really used
    std::optional<std::int64_t> total;  // as the first page claims; servers lie
    bool has_unreadable_total = false;  // a page claims one that is no count: that proves nothing
    std::uint32_t pages = 0;
};

enum class SearchState { More, Done };

class Search {
public:
    // The client must outlive this.
    Search(FhirClient& client, Url first, SearchLimits limits = {});
    // The same by POST: `first` ends with "_search", and `form` has what is asked for. The links to
    // further pages are the server's own.
    static Search by_post(FhirClient& client, Url first, std::string form, SearchLimits limits);

    // Sends the request for the page that is due; does nothing while one is under way or when done.
    void start(const Call& call);
    // Waits for that page (starts it if `start` was not called) and takes it in.
    // Forbidden: `next` leads to another origin. Malformed: no searchset, a cycle of links, the
    // same page twice, an OperationOutcome in its place, a `next` that leaves an operation for a
    // search or another patient (detail `gap`: "left-operation"). Unsupported: more pages than the
    // limit. TooLarge: more resources or bytes. NotFound: a `next` that expired again after the
    // restarts. All other kinds as FhirClient::get.
    Result<SearchState> step(const Call& call);
    // Both until the end.
    Result<SearchResult> run(const Call& call);

    bool done() const { return done_; }
    // After Done: everything, once.
    SearchResult take() { return std::move(result_); }
    // For progress; requests include those of pages that were asked for again.
    std::uint64_t requests() const { return requests_; }
    std::uint32_t pages() const { return result_.pages; }
    // The first page's `self` link, once there is one.
    const std::string& self() const { return result_.self; }

private:
    Result<SearchState> take_in(FhirResponse response);
    void sort_in(const Bundle& page);
    Status check_limits() const;
    bool restart_after(const Error& error);

    FhirClient& client_;
    Url first_;
    std::string form_;  // empty: by GET
    SearchLimits limits_;
    Url due_;
    std::future<Result<FhirResponse>> under_way_;
    std::set<std::string> visited_;       // URLs of pages taken in
    std::set<std::string> page_digests_;  // of their entries
    SearchResult result_;
    std::uint64_t bytes_ = 0;
    bool has_failed_ = false;  // the page that is due; what was kept of its answer is none
    std::uint64_t requests_ = 0;
    std::uint32_t restarts_ = 0;
    bool done_ = false;
};

}  // namespace consultd::fhir
