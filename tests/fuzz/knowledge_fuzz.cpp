// An operator's file of knowledge may be anything.
#include <cstdlib>

#include "adapter/knowledge/knowledge.h"

using namespace consultd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto kind = static_cast<KnowledgeKind>(data[0] % 5);
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const LoadedKnowledge loaded = read_knowledge({{kind, "/knowledge/fuzz/0", "x.json", text}});
    if (loaded.knowledge.has_value() != loaded.problems.empty()) std::abort();
    if (!loaded.knowledge) return 0;
    // Whatever is taken can be asked.
    const Knowledge& knowledge = *loaded.knowledge;
    if (knowledge.specialties.find(text).specialty.checklist.empty()) std::abort();
    (void)knowledge.sensitivity.of_code(text, text);
        (void)knowledge.sensitivity.of_name(text);
    (void)knowledge.maps.find(CodeCorrection::Element::ObservationCode, text, text);
    return 0;
}
