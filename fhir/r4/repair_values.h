// repair_values: one value with parts put right by the rules of its datatype: a code by its system
// and binding, a reference by where it leads, an attachment by its bytes, an extension by its
// place.
#pragma once

#include "fhir/r4/extension_rules.h"
#include "fhir/r4/repair_contained.h"
#include "fhir/r4/validate.h"

namespace consultd::fhir::r4 {

struct ValuePlace {
    const TypeOf& type_of;
    const ContainedTypes& contained;
    const ExtendedPlace& extended;  // what it extends, if it is an extension
};

// Null: it cannot stand there, and nothing can stand for it.
Json mend_value(const Type& type, const Element& element, const Json& value,
                const ValuePlace& place);

// "dateTime" → "DateTime".
std::string capitalized(std::string_view type);

}  // namespace consultd::fhir::r4
