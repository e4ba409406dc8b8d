// Reference: what a literal reference names (https://hl7.org/fhir/R4/references.html).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fhir/url.h"

namespace consultd::fhir {

struct Reference {
    enum class Form { Relative, Absolute, Contained, Urn, Other };
    Form form = Form::Other;
    std::string_view text;  // as it stood; points into the caller's text
    std::string_view base;  // Absolute: "https://host/fhir"
    std::string_view type;  // Relative, Absolute
    std::string_view id;    // Relative, Absolute; Contained: without "#" ("" means the container)
    std::string_view version;  // after /_history/

    // Never fails: what is none of the forms is Other (a conditional reference "Patient?…" too).
    static Reference parse(std::string_view text);
    std::string key() const;  // "Type/id"
};

}  // namespace consultd::fhir
