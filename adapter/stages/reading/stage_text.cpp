#include "adapter/stages/reading/stage_text.h"

#include "adapter/stages/reading/display.h"

namespace consultd {

std::string stages_text(fhir::JsonView condition) {
    std::string out;
    for (const fhir::JsonView& stage : condition["stage"].items()) {
        std::string said = concept_text(stage["summary"]);
        const std::string kind = concept_text(stage["type"]);
        if (!said.empty() && !kind.empty() && said.find(kind) == std::string::npos)
            said += " (" + kind + ")";
        join(out, "; ", said);
    }
    return out;
}

}  // namespace consultd
