// repair_parts: one round of `repair` over all elements of a resource, by the element table.
#pragma once

#include "fhir/r4/validate.h"

namespace consultd::fhir::r4 {

Json repair_parts(const Json& resource, const TypeOf& type_of);

}  // namespace consultd::fhir::r4
