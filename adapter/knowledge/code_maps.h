// CodeMaps: codes of a source that break what R4 demands, where the right one follows from the
// standard alone: config/maps/*.json, FHIR ConceptMaps (https://hl7.org/fhir/R4/conceptmap.html).
// `sourceUri` is the value set whose element is looked at: that of Observation.code, or of
// Observation.category. The equivalence `equal` writes the target's code in the place of a
// misspelled one; `equivalent`, `wider` and `subsumes` put it beside. The source of a row is
// `target.comment`. What means less, or something else, is refused: nothing is invented.
#pragma once

#include <unordered_map>

#include "adapter/knowledge/knowledge_file.h"

namespace consultd {

struct CodeCorrection {
    enum class Element : std::uint8_t { ObservationCode, ObservationCategory } element;
    std::string system, code;  // what is found
    std::string target_system, target_code, target_display;
    bool in_place = false;  // else beside
};

class CodeMaps {
public:
    CodeMaps() = default;
    explicit CodeMaps(std::vector<CodeCorrection> rows);
    // Absent: this code stays as it is.
    const CodeCorrection* find(CodeCorrection::Element element, std::string_view system,
                               std::string_view code) const;

private:
    std::unordered_multimap<std::string, CodeCorrection> by_code_;
};

CodeMaps read_code_maps(std::span<const KnowledgeFile> files, KnowledgeProblems& problems);

}  // namespace consultd
