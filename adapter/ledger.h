// Ledger: one line for every resource pulled and every change made to it. It balances, or the
// transfer stops (promise 1). Knows resources by name, never by content, save the small values a
// change replaced.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fhir/json.h"

namespace consultd {

// One change a stage made, with what stood there before, so that it can be undone.
struct Change {
    std::string resource;  // "urn:uuid:…" as delivered
    std::string path;      // "Observation.value.code"; table names and positions
    StaticText rule;       // "unit.spelling", "system.canonical", "reference.urn"
    fhir::Json before;     // null: there was nothing
    fhir::Json after;      // null: taken out
};

// What could not be pulled.
struct Gap {
    std::string what;   // "DiagnosticReport?category=LP7839-6", "Practitioner/7": ours or the
                        // table's words and ids; no patient id
    StaticText reason;  // "http-403", "page-cap", "not-found", "no-capability", "hash-mismatch" …
};

struct LedgerCounts {
    std::uint64_t pulled = 0, delivered = 0, merged = 0, withheld = 0, rejected = 0;
    bool balances() const { return pulled == delivered + merged + withheld + rejected; }
};

class Ledger {
public:
    // Each pulled resource exactly once; Corrupt when its source name was already told.
    // `why`: the rule that decided it, what it betrays and how that is known; may be empty.
    Status delivered(std::string source, std::string as, std::string why = {});
    Status merged(std::string source, std::string into, StaticText rule);
    Status withheld(std::string source,
                    std::string reason,  // "class-not-permitted", "sensitivity:SUD"
                    std::string why = {});
    Status rejected(std::string source, StaticText reason);  // "wrong-patient", "malformed" …
    void change(Change change) { changes_.push_back(std::move(change)); }
    void expect_changes(std::size_t count) { changes_.reserve(changes_.size() + count); }
    void gap(Gap gap) { gaps_.push_back(std::move(gap)); }

    LedgerCounts counts(std::uint64_t pulled) const;
    // Corrupt unless every one of `pulled` names has one outcome and no other name has any.
    Status balance(const std::vector<std::string>& pulled) const;

    struct Line {
        enum class Outcome { Delivered, Merged, Withheld, Rejected };
        Outcome outcome;
        std::string detail;  // as, into, reason
        StaticText rule = "";
        std::string why = {};
    };
    const std::map<std::string, Line>& lines() const { return lines_; }
    const std::vector<Change>& changes() const { return changes_; }
    const std::vector<Gap>& gaps() const { return gaps_; }
    std::string ndjson(std::uint64_t pulled) const;  // PRODUCT.md's ledger.ndjson, sorted
    // The same piece by piece.
    using Write = std::function<void(std::string_view)>;
    void ndjson(std::uint64_t pulled, const Write& write) const;

private:
    Status add(std::string source, Line line);
    std::map<std::string, Line> lines_;
    std::vector<Change> changes_;
    std::vector<Gap> gaps_;
};

}  // namespace consultd
