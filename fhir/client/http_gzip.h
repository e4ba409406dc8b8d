// gzip of answers (RFC 1952) on zlib: complete, checked, and within a limit, or an error.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::fhir {

// Unavailable: cut short, damaged, or followed by other bytes, so that asking again may help.
// TooLarge: more than `bytes_max` come out.
Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max);

}  // namespace consultd::fhir
