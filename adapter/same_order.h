// SameOrder: what makes a disclosure that the audit log knows the same as one that is about to be.
// The log outlives the database: where that is lost, or an older copy of it, the same order typed
// again must not become a second copy.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "fhir/base/clock.h"

namespace consultd {

struct SameOrder {
    std::string transfer_id;  // the new one
    // The same patient, destination and Consent. The last one empty: by the order's names alone,
    // where whoever ordered has given it any.
    std::string patient_pseudonym, destination_base_url, consent_mark;
    std::vector<std::string> order_keys;  // what the order is called, as keyed hashes
    Instant since{};                      // what was sent before then, is of another day
    // Of these the destination was asked, after its time, and has nothing.
    std::set<std::string> cleared = {};
};

// A disclosure of another transfer that is the same.
struct EarlierDisclosure {
    std::string transfer_id;
    bool is_sent = false;       // by its outcome; else it has none
    bool is_under_way = false;  // the state goes on with it
    std::string destination_task;
    Instant recorded{};  // the newest that the log says of it
};

}  // namespace consultd
