// Habits: what a receiver always does, as real ones were seen to do it; a fault happens now and
// then, a habit each time. Several may go together. Given on the command line as `--be
// NAME[:NUMBER]`.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "fhir/base/clock.h"
#include "fhir/json.h"
#include "samples/sandbox/store.h"

namespace consultd::sandbox {

// Of a source that speaks $export; each but the first goes with it.
struct BulkHabits {
    bool offered = false;          // bulk
    long polls = 0;                // bulk-polls:N: 202 so often before it is ready
    bool limits_polls = false;     // bulk-429: the first poll is too early
    bool by_get_alone = false;     // bulk-get-only: 405 for a POST
    bool ignores_patient = false;  // bulk-others: everybody's comes
    bool cuts_a_line = false;      // bulk-cut-line: half of the last line of each file
    bool counts_wrong = false;     // bulk-wrong-count: one more than there are
    bool loses_a_file = false;     // bulk-file-404: the first
    bool files_elsewhere = false;  // bulk-other-origin
    bool files_open = false;       // bulk-open-files: no token is needed, and none may come
    bool expires = false;          // bulk-expires: the first job is gone when it is asked about
};

struct Habits {
    bool transactions = true;           // no-transaction: the base takes no Bundle
    bool entry_by_entry = false;        // batch: a transaction is handled so, and answered with 200
    bool commits_then_refuses = false;  // commit-then-4xx: what is stored is answered with 422
    bool declares_conditions = true;    // no-conditions: declared so, and a condition is refused
    bool honours_conditions = true;     // ignores-conditions: declared, and made light of
    bool binary_conditions = true;      // no-binary-conditions: 400 for one on a Binary
    bool only_puts = false;           // puts-only: 405 for a POST that stores; ids are the client's
    bool gives_own_ids = false;       // own-ids: a PUT of something new gets an id of the server's
    bool raw_binaries = false;        // raw-binary: a Binary is its bytes, whatever is accepted
    bool task_searches = true;        // no-task-search: 403 for it, by GET and by POST
    bool get_searches = true;         // post-search-only: 405 for a search by GET
    bool others_chart = false;        // other-chart: what is stored of a Patient is another person
    bool doubles = false;             // doubles: what is new is stored a second time
    bool says_known = false;          // says-200: 200 for what is new
    bool says_where = true;           // no-location: no place of what was stored is told
    bool says_what = true;            // accepts-only: 202 without a body, and it is stored
    int bundle_status = 0;            // invalid-bundle: 400, forbids-bundles: 403; 0: taken
    std::size_t reads_then_drop = 0;  // drops-later:READS after a write an Observation is gone
    Milliseconds read_lag{0};         // lagging-reads:SECONDS, of reads too
    std::size_t entries_max = 0;      // eight-entries: in a transaction with conditions; 0: any
    std::size_t body_bytes_max = 0;   // small-bodies:BYTES: 413 above; 0: any
    Milliseconds commit{0};           // slow-commit:SECONDS, whether or not anybody still waits
    Milliseconds index_lag{0};        // lagging-index:SECONDS, of searches and conditions
    Milliseconds cache{0};            // search-cache:SECONDS, unless the request says no-cache
    BulkHabits bulk;

    // Config: there is no habit of that name, or its number is none.
    Status add(std::string_view text);
};

// What searches see where the index lags: the store as it was.
class LaggingIndex {
public:
    void remember(const Store& store, Instant now);
    // Of `lag` ago; the store itself where nothing that old was remembered and nothing changed.
    const Store& seen(const Store& store, Instant now, Milliseconds lag);

private:
    std::deque<std::pair<Instant, Store>> past_;  // as it was before each write
};

// Answers to searches, given again for a while.
class SearchCache {
public:
    std::optional<std::string> find(const std::string& search, Instant now, Milliseconds kept);
    void keep(const std::string& search, std::string body, Instant now);

private:
    std::map<std::string, std::pair<Instant, std::string>> answers_;
};

// What a habit makes of what was stored since `before`.
void spoil_what_is_new(const Habits& habits, const Store& before, Store& store, Instant now);

// The status and words of a refusal that a habit gives to this Bundle; absent: none.
std::optional<Error> refusal_of(const Habits& habits, const fhir::Json& bundle);

}  // namespace consultd::sandbox
