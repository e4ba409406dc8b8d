// Analytes: the values of one quantity in one specimen, which a reader takes together, whatever
// codes and units the laboratories use: mass and moles, LOINC and local. Never two specimens in
// one: what a result was measured in is said by its Specimen, by its code where our table knows it,
// and by its name only to tell apart. Knows nothing of pages.
#pragma once

#include <unordered_map>

#include "adapter/knowledge/specialties.h"
#include "adapter/stages/reading/specimens.h"
#include "adapter/stages/reading/statement.h"

namespace consultd {

struct Analyte {
    std::string name;    // the newest's own
    std::string beside;  // what else it is of, as the record has it: specimen, site
    std::string apart;   // "LOINC 718-7", "code HGB, Serum": tells twins of one name apart
    std::vector<const Statement*> values;  // newest first
};

// Of values newest first the newest that may be called so; the first where none may.
const Statement& newest_value(const std::vector<const Statement*>& newest_first);

// Of all Observations of a reading, each with its analyte. The reading and the tables outlive it.
class Analytes {
public:
    Analytes(const Reading& reading, const Specialty& specialty, const Specialties& all);

    // The same for values of one analyte.
    const std::string& key_of(const Statement& observation) const;
    // Which of the key values it is; how many there are: none.
    std::size_t key_value_of(const Statement& observation) const;
    // The row of the tables that it is, of whichever; null: none.
    const KeyValue* row_of(const Statement& observation) const;
    // What else than its name it is of: its specimen where that is not drawn from a vein, its site;
    // empty: not said, or in its name.
    const std::string& beside(const Statement& observation) const;
    // The same for values of one specimen, site, gene …, whatever is measured.
    const std::string& apart(const Statement& observation) const;
    // What a consultant looks for first comes first, in the order of a flowsheet; the rest by name.
    std::vector<Analyte> of(const std::vector<const Statement*>& newest_first) const;

private:
    struct Place {
        std::string key;
        std::size_t key_value;
        const KeyValue* row;
        std::string apart;
        std::string specimen, beside;  // as the record has them
    };
    std::size_t key_values_;
    std::unordered_map<const Statement*, Place> places_;
    std::unordered_map<std::string, std::size_t> key_value_by_name_;
};

}  // namespace consultd
