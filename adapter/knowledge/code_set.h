// CodeSet: codes with their systems, as a row of knowledge names them, and whether a coding of a
// record is one of them. A code means nothing without its system
// (https://hl7.org/fhir/R4/datatypes.html#Coding), but a site has names of its own for the systems
// that everybody knows, and leaves them out: see NamedSystems.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/knowledge/knowledge_file.h"

namespace consultd {

// The systems that rows of one kind of knowledge name. A coding under one of these is of no other;
// under any other system, or under none, it may be of each.
class NamedSystems {
public:
    void add(std::string_view system) { names_.emplace(system); }
    bool may_be(std::string_view written, std::string_view wanted) const {
        return written == wanted || !names_.contains(written);
    }

private:
    std::set<std::string, std::less<>> names_;
};

class CodeSet {
public:
    CodeSet() = default;
    // {"http://loinc.org": ["718-7", …], …}, as knowledge.schema.json has it.
    explicit CodeSet(fhir::JsonView codes_by_system);
    void add(const CodeSet& more);

    bool empty() const { return codes_.empty(); }
    struct Code {
        std::string code, system;
        auto operator<=>(const Code&) const = default;
    };
    const std::vector<Code>& codes() const { return codes_; }

    bool holds(std::string_view system, std::string_view code) const;
    bool may_hold(std::string_view system, std::string_view code, const NamedSystems& named) const;
    // Whether some coding of a CodeableConcept, or of a list of them, is one of these.
    bool is_in(fhir::JsonView concept_or_list) const;
    bool may_be_in(fhir::JsonView concept_or_list, const NamedSystems& named) const;

private:
    std::vector<Code> codes_;  // sorted
};

// The codes of a row, their systems among the named; a problem where they have none.
CodeSet read_codes(const KnowledgeFile& file, std::string_view path, fhir::JsonView codes_by_system,
                   NamedSystems& named, KnowledgeProblems& problems);

}  // namespace consultd
