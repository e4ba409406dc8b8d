// Account: what is known of each entry of a delivery: what finds it at the destination, where it
// lies there, what was said to it; and which way the delivery goes. It is kept sealed beside the
// transfer, each step extends it, and it says nothing of what is in the record: so it outlives the
// record. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "fhir/json.h"

namespace consultd {

struct AccountEntry {
    static constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

    std::string type;
    std::string by, system,
        value;             // found by "identifier" or "_tag" = system|value; empty: by none
    std::string id;        // an id of ours for it, where PUT takes one
    bool is_put = false;   // so, as the transaction has it
    std::string own;       // "Type/id" where that is used, whether it is there or not
    std::string location;  // "Type/id" there; empty: not known to be there
    std::size_t referrer = nobody;  // an entry that refers to it, and at which path:
    std::string path;               // "content/0/attachment/url"
    std::string sha256;             // of a Binary's bytes, as hex
    std::uint64_t bytes = 0;        // how many of them
    int status = 0;                 // of the answer to it; 0: none is known
    std::string issue;              // of R4's issue-type, where the answer is no success
    std::uint64_t request = 0;      // in which it last went; 0: in none that is known
    bool went_alone = false;        // and not in a transaction
    bool went_put = false;          // under an id of ours
    bool is_seen = false;           // it was read there, with its bytes
    bool is_confirmed = false;      // and once more when all of it was there
    bool is_wrong = false;          // it lies there, and is not what was sent

    // Not there, by what was answered or found.
    bool is_missing() const { return is_refused() || is_wrong || location.empty(); }
    bool is_refused() const { return status != 0 && !is_taken(); }
    // A part of ours that lies there: a chart that goes by the patient's name may be another's.
    bool is_part_there() const;
    // By the answer to it. No search that finds nothing overrules that.
    bool is_taken() const { return status >= 200 && status <= 299; }
};

// What the destination answered to a request as a whole, where that was no success.
struct Refusal {
    int status = 0;  // 0: no answer came
    std::string issue;
    std::size_t entries = 0;  // of the request
    std::uint64_t bytes = 0;
    bool had_conditions = false;
    bool was_put = false;  // under ids of ours
};

struct Account {
    // Who gives what is created its id: as the transaction has it; the destination, by POST; we, by
    // PUT.
    enum class Ids { AsFixed, Theirs, Ours };

    std::vector<AccountEntry> entries;  // in the order of the transaction
    // Whom the Task is for, and what it is about: entries; or, instead of the first, the chart that
    // was there ("Patient/77").
    std::size_t new_chart = AccountEntry::nobody, order = AccountEntry::nobody;
    std::string chart;
    bool is_chart_gone = false;  // it was not there, or not in use, when the rest was to follow
    config::Deliver::Method method = config::Deliver::Method::Auto;
    bool is_sequence = false;        // one resource after the other
    Ids ids = Ids::AsFixed;          // of what goes so
    bool has_conditions = true;      // ifNoneExist is sent
    std::size_t entries_max = 0;     // of one request; 0: any
    std::uint64_t bytes_max = 0;     // as it was run into; one entry alone is tried all the same
    std::uint64_t bytes_limit = 0;   // as it is configured; 0: any
    std::uint64_t requests = 0;      // that left
    std::uint64_t taken = 0;         // of those, the ones that were answered for
    std::uint64_t lost = 0;          // and those to which no answer came
    bool is_open = false;            // one left, and no answer that says what became of it is kept
    std::optional<Refusal> refusal;  // of the last one

    std::string print() const;
    static Result<Account> parse(std::string text);  // Corrupt

    bool is_any_refused() const;
    bool is_any_located() const;
    bool is_any_wrong() const;
    bool is_all_seen() const;
    bool is_all_confirmed() const;
    bool is_all_ours() const;    // each has an id of ours
    bool keeps_our_ids() const;  // one lies where we said
    // How it goes as long as nothing else is known, which start_over() goes back to.
    bool is_sequence_first = false;
    Ids ids_first = Ids::AsFixed;
    void begin_here();
    void start_over();
    // From now on what is not there yet is put there under ids of ours, or is not.
    void give_ids(Ids who);
    // Which way it went, as a word: "transaction", "transactions", "one-by-one", or first so and
    // then so; with "-put" where all of it was put under ids of ours. "not-known": it was found
    // there.
    std::string way() const;
    // How many requests brought it, and how many entries were put under ids of ours.
    std::size_t requests_that_brought_it() const;
    std::size_t entries_put() const;
    // The chart that all of it goes into, "Patient/77", where it is known.
    std::string chart_there() const;
    // Entries that were not taken, or not found, as `status` tells them: by place, type, status and
    // issue.
    std::string not_taken() const;
};

// Of a transaction's bytes, before anything was sent.
Account account_of(const fhir::Json& transaction);

}  // namespace consultd
