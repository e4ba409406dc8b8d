// Ledger: one line for every resource pulled and every change made to it. It balances, or the
// transfer stops (promise 1). Knows resources by name, never by content, save the small values a
// change replaced.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/change_list.h"

namespace consultd {

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
    // Each pulled resource exactly once.
    // `why`: the rule that decided it, what it betrays and how that is known; may be empty.
    void delivered(std::string source, std::string as, std::string why = {});
    void merged(std::string source, std::string into, StaticText rule);
    void withheld(std::string source,
                  std::string reason,  // "class-not-permitted", "sensitivity:SUD"
                  std::string why = {});
    void rejected(std::string source, StaticText reason);  // "wrong-patient", "malformed" …
    void add(ChangeList changes);
    void gap(Gap gap) { gaps_.push_back(std::move(gap)); }

    LedgerCounts counts(std::uint64_t pulled) const;
    // Corrupt unless every one of `pulled` names has one outcome and no other name has any.
    Status balance(std::vector<std::string_view> pulled);

    struct Line {
        enum class Outcome { Delivered, Merged, Withheld, Rejected };
        std::string source;
        Outcome outcome;
        std::string detail;  // as, into, reason
        StaticText rule = "";
        std::string why = {};
    };
    // Sorted by source once it balances.
    const std::vector<Line>& lines() const { return lines_; }
    const ChangeList& changes() const { return changes_; }
    const std::vector<Gap>& gaps() const { return gaps_; }
    // PRODUCT.md's ledger.ndjson, sorted once it balances.
    std::string ndjson(std::uint64_t pulled) const;
    // The same piece by piece.
    using Write = std::function<void(std::string_view)>;
    void ndjson(std::uint64_t pulled, const Write& write) const;

private:
    std::vector<Line> lines_;
    ChangeList changes_;
    std::vector<Gap> gaps_;
};

// {"line":"delivery", and the members of `how`: which way all of it went, once it is delivered.
std::string delivery_line(fhir::JsonView how);

}  // namespace consultd
