// XML as FHIR uses it (https://hl7.org/fhir/R4/xml.html), read strictly into a small tree: no
// document type, no entities but characters, no network, no recovery. Knows elements, attributes
// and texts, nothing of what FHIR's elements mean: that is r4/from_xml's. C-CDA and narratives are
// read elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/base/result.h"

namespace consultd::fhir {

struct XmlElement {
    enum class Space : std::uint8_t { Fhir, Xhtml };
    Space space = Space::Fhir;
    std::uint32_t line = 0;
    std::string name;  // without a prefix
    // Without those that declare prefixes or name schemas.
    std::vector<std::pair<std::string, std::string>> attributes;
    std::vector<XmlElement> children;  // of FHIR's elements
    std::string xhtml;  // of a `div` of XHTML: the whole of it as XML without prefixes

    // Null when there is none.
    const std::string* attribute(std::string_view attribute_name) const;
};

struct XmlLimits {
    std::size_t bytes_max = std::size_t{256} << 20;
    std::size_t depth_max = 64;         // of FHIR's elements
    std::size_t xhtml_depth_max = 256;  // of a narrative's
};

// Malformed, with `line`: not well-formed, not UTF-8, a document type, an element of another
// namespace, text where FHIR has only elements. TooLarge: over a limit. Comments and processing
// instructions between FHIR's elements are left out, as FHIR lets a reader do.
Result<XmlElement> read_xml(std::string_view text, const XmlLimits& limits = {});

}  // namespace consultd::fhir
