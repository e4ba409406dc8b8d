// What a failure inside cpprestsdk means, by the stage that it names. Knows the library's texts,
// not the library.
#pragma once

#include <string_view>

#include "fhir/base/result.h"

namespace consultd::fhir {

struct HttpFailure {
    std::string_view library_text;
    bool nothing_sent;  // certainly
    ErrorKind kind;
    StaticText text;
};

// The library's error codes are not to be relied on (a bad status line is "Success"); its texts are
// its own literals. An unknown one is taken for a request that may have been sent.
const HttpFailure& failure_of(std::string_view library_text);

}  // namespace consultd::fhir
