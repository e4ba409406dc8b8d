// If-None-Exist: the search that makes a create conditional; of its forms the one that names an
// order by its identifier. https://hl7.org/fhir/R4/http.html#ccreate,
// https://hl7.org/fhir/R4/search.html#token
#pragma once

#include <optional>
#include <string_view>

#include "adapter/order.h"

namespace consultd::web {

// "identifier=SYSTEM|VALUE", or "identifier=|VALUE" of one without a system; percent-escaped, with
// or without the address before "?". Malformed: any other search, or a value without "|", which
// would be an identifier of any system.
Result<OrderIdentifier> read_if_none_exist(std::string_view header);

}  // namespace consultd::web
