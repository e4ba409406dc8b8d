// older_elements: what is a member of a type in STU3 and DSTU2: what those releases have otherwise
// than R4 (older_elements_table.inc, made by make_older_elements.py beside it), and R4's own
// elements for the rest. For reading their XML, which says nothing of how often an element may
// stand there, nor what is a number.
// https://hl7.org/fhir/STU3/xml.html, https://hl7.org/fhir/DSTU2/xml.html
#pragma once

#include <optional>
#include <string_view>

namespace consultd::fhir::r4 {

enum class Release { R4, Stu3, Dstu2 };

// A member as JSON has it.
struct JsonForm {
    std::string_view type;  // "Quantity", "Condition.evidence", "decimal"; lives as long as we do
    bool is_many = false;
    bool is_primitive() const { return type[0] >= 'a' && type[0] <= 'z'; }
};

// Absent where the release has no such member of the type.
std::optional<JsonForm> form_of_member(Release release, std::string_view type,
                                       std::string_view member);
bool has_resource_type(Release release, std::string_view name);

}  // namespace consultd::fhir::r4
