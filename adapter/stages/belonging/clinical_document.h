// ClinicalDocument: whom a C-CDA is about, by its recordTarget alone. It reads the tags of the
// header, and nothing of the body. https://www.hl7.org/ccdasearch/
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace consultd {

struct RecordTarget {
    std::vector<std::pair<std::string, std::string>> ids;  // root, extension; both present
    std::string birth_date;                                // "1980-02-03"; may be empty
    std::vector<std::string> families;                     // as they stand
};

// Absent: it is none that can be read with certainty: a document type or CDATA in its header, a tag
// that does not end, no recordTarget or more than one.
std::optional<RecordTarget> record_target_of(std::string_view xml);

}  // namespace consultd
