// Specialties: what a consultant of each asks for, in the order in which it is told, and what
// every reader looks for first: config/specialties/*.json. A specialty within another is of one
// disease: the other asks for the same where the record has that disease. Knows no record: what of
// it is there is found by completeness and the page.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "adapter/knowledge/code_set.h"
#include "adapter/knowledge/knowledge_file.h"
#include "adapter/knowledge/problem_signs.h"
#include "adapter/knowledge/sensitive_words.h"

namespace consultd {

struct ChecklistRow {
    std::string id, title;
    std::string where;               // who probably has it; empty: nobody in particular
    std::vector<std::string> types;  // resource types looked through
    CodeSet codes;                   // in `code` or `type`; where empty with the two below: any
    CodeSet categories;              // in `category`
    SensitiveWords::Row number = 0;  // of its words in Specialties::name_words
    bool has_words = false;          // looked for in code, type, title, description
    int old_after_days = 0;          // 0: does not age
    std::string images_of;           // the row whose reports stand in for these images or slides
    bool in_texts = false;           // that a text names it is told, where nothing else is here
    bool on_first_screen = false;    // its newest results are told first, each by its name
    bool only_if_there = false;      // where it is not here, it is not asked for
    bool is_stage = false;           // the stage of a problem is one, too (Condition.stage)
    bool has_no_amounts = false;     // a number with a unit is something else of that name

    // Whether it looks for some resources of its types and not for any.
    bool has_bounds() const { return !codes.empty() || !categories.empty() || has_words; }
};

// One quantity in one specimen, whatever its unit: by code, or where a laboratory sends its own
// code alone, by the whole name it gives.
struct KeyValue {
    CodeSet codes;
    std::vector<std::string> names;  // lower case
    std::string specimen;            // "blood", "urine"; empty: of none
    bool may_be_percent = false;     // else a number in % is another quantity of that name
};

using WordSet = std::set<std::string, std::less<>>;

// Words around the name of a quantity, without case and diacritics.
struct NameWords {
    WordSet beside;   // change nothing: "serum", "level", a unit
    WordSet before;   // change nothing where they come first: the S of "S-Creatinine"
    WordSet another;  // in brackets, make another quantity of it: "free"
};

struct Specialty {
    std::string name;
    std::vector<std::shared_ptr<const ChecklistRow>> checklist;
    std::vector<KeyValue> key_values;  // in the order of reading: its own, then everybody's
    ProblemSigns problems;             // told first, and of these
    ProblemSigns disease;              // before the others; of each disease within it
    ProblemSigns treatments;           // by the names of medicines: told before all others
    std::vector<std::size_t> within;   // the specialties that are of one disease of it
};

struct Specialties {
    std::vector<Specialty> all;
    // By what a request may call them, in lower case.
    std::map<std::string, std::size_t, std::less<>> by_name;
    std::vector<KeyValue> analytes;  // beside the key values: which codes are one quantity
    // What a record calls something, and what stands in a text: the rows of the checklists by their
    // number. What `forms` says is about an examination and holds no finding of it.
    SensitiveWords name_words, text_words;
    static constexpr SensitiveWords::Row forms = 0;
    WordSet no_values;  // "not assessed": what says no value
    NameWords quantity_words;
    CodeSet vital_signs;
    CodeSet stages;
    NamedSystems named;

    // The specialty of that name, and the name as the list says it; "general" for one that has no
    // list of its own.
    struct Found {
        std::string_view name;
        const Specialty& specialty;
    };
    Found find(std::string_view name) const;
    bool knows(std::string_view name) const;
    std::string names() const;  // of the specialties that have a list: "aml-mds, breast, …"
};

// One of the files is "general".
Specialties read_specialties(std::span<const KnowledgeFile> files, KnowledgeProblems& problems);

}  // namespace consultd
