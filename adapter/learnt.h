// Learnt: what a destination was seen to do with what it was sent; whoever delivers next begins
// there. Each fact has its evidence and its age: it is kept in the store, and forgotten after a
// month, or when it is refuted, as servers are replaced. Knows nothing of a transfer. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "fhir/base/clock.h"
#include "fhir/base/result.h"

namespace consultd {

struct Learnt {
    bool refuses_conditions = false;
    bool honours_conditions = false;  // it gave what we had created before, under its condition
    bool says_created = false;        // 201 for what is new, so that its 200 says something
    bool refuses_transactions = false;
    bool takes_only_own_ids = false, takes_no_own_ids = false;  // one by one
    bool keeps_own_ids = false;                                 // what we PUT lies where we put it
    bool finds_tasks = false;     // a Task of ours was found by its identifier
    std::size_t entries_max = 0;  // of one transaction; 0: any
    std::uint64_t bytes_max = 0;
    Milliseconds slowest{0};  // answer to a request that stored something

    struct Seen {
        Instant at{};
        std::string by;  // a word, or the status of an answer
    };
    std::map<std::string, Seen, std::less<>> seen = {};  // of each fact that is known

    // The facts that differ from `before` are seen now, by this.
    void note_changes(const Learnt& before, std::string_view by, Instant now);
    // Without what is older than a month.
    void forget_old(Instant now);
    // What it is held against: at another address nothing is known.
    std::string print(std::string_view base_url) const;
    // Nothing is known where the text is none of ours, or of another address.
    static Learnt parse(std::string text, std::string_view base_url);
};

}  // namespace consultd
