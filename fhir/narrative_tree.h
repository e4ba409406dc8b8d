// The tree of a narrative's elements and texts, as narrative_tree.cpp reads it from XHTML; names in
// lower case, comments left out. Inner to fhir/narrative*.cpp.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/base/result.h"

namespace consultd::fhir {

struct NarrativeNode {
    std::string name;  // empty: a text
    std::string text;
    std::vector<std::pair<std::string, std::string>> attributes;
    std::vector<NarrativeNode> children;

    bool is_text() const { return name.empty(); }
    // Empty when there is none.
    std::string_view attribute(std::string_view attribute_name) const {
        for (const auto& [key, value] : attributes)
            if (key == attribute_name) return value;
        return {};
    }
};

// At most 256 levels deep: libxml2 reads no more. Errors as sanitize_narrative.
Result<NarrativeNode> parse_narrative(std::string_view div);

// Elements whose contents are no text for a reader, or run or load something.
bool is_dropped_with_contents(std::string_view element);

}  // namespace consultd::fhir
