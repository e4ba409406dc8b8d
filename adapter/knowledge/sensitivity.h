// Sensitivity: which codes speak of a sensitive matter: config/sensitivity/*.json, or a FHIR
// ValueSet, whose label is the code of v3-ActCode in its `useContext` of code `focus` (as
// https://github.com/SHIFT-Task-Force/SLS-ValueSets has it). A code proves neither presence nor
// absence of a legal protection; a label that it stands for only ever takes something out. Knows no
// consent.
#pragma once

#include <array>
#include <unordered_map>

#include "adapter/knowledge/code_set.h"
#include "adapter/knowledge/knowledge_file.h"

namespace consultd {

class Sensitivity {
public:
    // What one file says. `first` and `last` begin codes of ICD-10, or of the row's own system,
    // with their dots left out.
    struct Code {
        std::string system, code, label;
    };
    struct Range {
        std::string system, first, last, label;
    };

    Sensitivity() = default;  // nothing is sensitive
    Sensitivity(std::vector<Code> codes, std::vector<Range> ranges);

    // The labels that this code stands for, in v3-ActCode; each may come more than once. They live
    // as long as this does.
    std::vector<std::string_view> labels_of(std::string_view system, std::string_view code) const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    void add_range_labels(std::string_view system, std::string_view code,
                          std::vector<std::string_view>& labels) const;

    NamedSystems named_;
    std::unordered_map<std::string, std::vector<Code>, Hash, std::equal_to<>> codes_;
    std::array<std::vector<Range>, 128> ranges_;  // by the first letter that they may begin with
};

Sensitivity read_sensitivity(std::span<const KnowledgeFile> files, KnowledgeProblems& problems);

// Whether v3-ActCode of R4 has this code among those of sensitivity.
// https://terminology.hl7.org/CodeSystem-v3-ActCode.html, "information sensitivity"
bool is_sensitivity_label(std::string_view code);

// The rows of a ValueSet; problems where it cannot be read as a whole.
std::vector<Sensitivity::Code> read_value_set(const KnowledgeFile& file,
                                              KnowledgeProblems& problems);

}  // namespace consultd
