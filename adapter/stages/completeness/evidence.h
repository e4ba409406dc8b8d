// Evidence: of which rows of a checklist a statement is: that it is here, that it was done and its
// report is not here, that the record says there is none, that a text names it. By code, category,
// the analyte that the page takes it for, or whole words of what it is called; never by a report's
// prose, where "no evidence of …" would count as evidence. Knows no gaps, ages and pages.
#pragma once

#include <vector>

#include "adapter/knowledge/specialties.h"
#include "adapter/stages/reading/analytes.h"
#include "adapter/stages/reading/statement.h"

namespace consultd {

class Evidence {
public:
    // Both outlive it.
    Evidence(const Specialties& specialties, const Specialty& specialty, const Reading& reading);

    using Statements = std::vector<const Statement*>;
    struct Of {
        Statements here;         // a fact, with a value, of the right kind
        Statements preliminary;  // what is not final yet
        Statements named;        // a report or document whose words or file are not here
        Statements done;         // an examination, without what it found
        Statements known;        // that there is none
    };
    Of of(const ChecklistRow& row) const;
    // In a conclusion, a note, a document that the page shows.
    Statements texts_naming(const ChecklistRow& row);
    // Whether the record has a problem of this disease.
    bool has(const ProblemSigns& disease) const;

private:
    using Row = SensitiveWords::Row;
    struct Seen {
        const Statement* statement;
        std::vector<Row> named;  // the rows whose words it is called by
        const KeyValue* analyte;
        bool is_form, has_content;
    };
    bool matches(const ChecklistRow& row, const Seen& one) const;
    bool is_done_only(const ChecklistRow& row, const Statement& one) const;
    void read_texts();

    const Specialties& specialties_;
    const Reading& reading_;
    std::vector<Seen> seen_;
    std::vector<std::pair<const Statement*, std::vector<Row>>> texts_;
    bool texts_are_read_ = false;
};

}  // namespace consultd
