// Specialties: what a consultant of each asks for, in the order in which it is told, and what
// every reader looks for first: config/specialties/*.json. Knows no record: what of it is there is
// found by completeness and the page.
#pragma once

#include <map>
#include <memory>

#include "adapter/knowledge/code_set.h"
#include "adapter/knowledge/knowledge_file.h"

namespace consultd {

struct ChecklistRow {
    std::string id, title;
    std::string where;               // who probably has it; empty: nobody in particular
    std::vector<std::string> types;  // resource types looked through
    CodeSet codes;                   // in `code` or `type`; where empty with the two below: any
    CodeSet categories;              // in `category`
    std::vector<std::string> words;  // lower case; whole, in code, type, title, description
    int old_after_days = 0;          // 0: does not age
    std::string images_of;           // the row whose reports stand in for these images or slides
    bool in_texts = false;           // that a text names it is told, where nothing else is here
    bool on_first_screen = false;    // its newest results are told first, each by its name

    // Whether it looks for some resources of its types and not for any.
    bool has_bounds() const { return !codes.empty() || !categories.empty() || !words.empty(); }
};

// One quantity in one specimen, whatever its unit: by code, or where a laboratory sends its own
// code alone, by the whole name it gives.
struct KeyValue {
    CodeSet codes;
    std::vector<std::string> names;  // lower case
    std::string specimen;            // "blood", "urine"; empty: of none
    bool may_be_percent = false;     // else a number in % is another quantity of that name
};

struct Specialty {
    std::string name;
    std::vector<std::shared_ptr<const ChecklistRow>> checklist;
    std::vector<KeyValue> key_values;   // in the order of reading: its own, then everybody's
    std::vector<std::string> problems;  // words, in lower case, of problems that are told first
};

struct Specialties {
    std::vector<Specialty> all;
    // By what a request may call them, in lower case.
    std::map<std::string, std::size_t, std::less<>> by_name;
    std::vector<KeyValue> analytes;  // beside the key values: which codes are one quantity
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
