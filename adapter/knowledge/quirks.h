// Quirks: what certain sources are known to get wrong, and what is done about it: config/quirks/*.
// A row says where it was seen. One form so far: a part of an extension with a code outside of the
// value set that the extension is bound to, which is taken out.
#pragma once

#include "adapter/knowledge/code_set.h"
#include "adapter/knowledge/knowledge_file.h"

namespace consultd {

struct BoundExtension {
    std::string type;  // the resource that carries the extension
    std::string url;   // the extension's
    std::string part;  // the url of the part whose valueCoding is bound
    CodeSet codes;
};

struct Quirks {
    std::vector<BoundExtension> bound_extensions;
    NamedSystems named;
};

Quirks read_quirks(std::span<const KnowledgeFile> files, KnowledgeProblems& problems);

}  // namespace consultd
