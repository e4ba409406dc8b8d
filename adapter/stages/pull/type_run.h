// TypeRun: one type of a pull: its searches, attempt by attempt, what they brought, and what that
// proves of the type. Pure: it sends nothing.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "adapter/stages/proof.h"
#include "adapter/stages/pull/plan.h"
#include "fhir/client/search.h"

namespace consultd {

class TypeRun {
public:
    enum class Outcome { Open, Answered, Refused, Failed };
    struct QueryRun {
        Query query;
        std::unique_ptr<fhir::Search> search;
        Outcome outcome = Outcome::Open;
        StaticText answer = "answered";
        int failures = 0;
        std::set<std::string> ids;  // of the matches
        std::optional<std::int64_t> total;
        std::uint64_t requests_told = 0, pages_told = 0, pages = 0;
    };

    explicit TypeRun(TypePlan plan);
    // What came already, by an operation: counted first, and searched for where the count knows of
    // more. Where no search is answered, the operation's `word` stands: "everything", "export"; ""
    // where it is not whole.
    TypeRun(TypePlan plan, std::set<std::string> came, StaticText word);
    // Patient/$everything as the witness of a list of questions.
    void confirm(const std::set<std::string>& came);

    std::deque<QueryRun>& queries() { return queries_; }  // of the attempt
    bool is_done() const { return is_done_; }
    // Whether what a search of the attempt lacks is lacking in the record.
    bool leaves_gaps() const { return !attempt().is_witness() && !is_word_enough(); }
    // A search of the type had its answer: all of it, or as far as it came.
    void failed(QueryRun& run, StaticText reason);
    void refused(QueryRun& run, StaticText reason);
    // Once all of the attempt's searches have their outcome: the next attempt, or the end.
    void settle();
    // When it is done.
    const TypeProof& proof() const { return proof_; }
    // Why it was not answered as a whole, for the gap of its name; absent: each search that lacks
    // something has a gap of its own, or nothing is lacking.
    std::optional<StaticText> gap() const { return gap_; }

private:
    const Attempt& attempt() const { return plan_.attempts[attempt_]; }
    // A witness knows of more than came.
    bool is_short() const;
    bool agrees() const;
    bool is_word_enough() const { return !word_.view().empty() && !is_short(); }
    void begin(std::size_t attempt);
    bool begin_smaller();
    std::optional<std::size_t> next(bool is_witness) const;
    std::optional<std::size_t> next_loop() const;
    void note();
    void settle_data();
    void settle_witness();
    void conclude(TypeEnd end, StaticText how);
    StaticText how() const;

    TypePlan plan_;
    std::size_t attempt_ = 0;
    std::deque<QueryRun> queries_;
    std::set<std::string> ids_;            // of the type's own searches
    std::optional<std::int64_t> counted_;  // by a witness
    bool is_check_ = false;                // of what came by the operation
    StaticText word_ = "";                 // the operation's, where no search is answered
    bool said_none_ = false;               // the search by patient alone was answered, and empty
    std::optional<TypeEnd> lacking_;       // the first search that failed
    bool is_done_ = false;
    std::optional<StaticText> gap_;
    StaticText data_how_ = "";
    TypeProof proof_;
};

}  // namespace consultd
