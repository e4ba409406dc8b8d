// Receipt code: a whole receipt in the letters of a QR code, so that a printed page proves what its
// file does: "CONSULTD1:" and the receipt, compact, in gzip, in base45 (RFC 9285). About 2.3 KB.
#pragma once

#include <string>
#include <string_view>

#include "fhir/base/result.h"

namespace consultd::audit {

// Of a receipt's JSON. Malformed: it is none.
Result<std::string> receipt_code(std::string receipt);

// The receipt's JSON of its code, or the text as it is where it is none. Malformed: a code that was
// damaged. TooLarge: it would be no receipt.
Result<std::string> receipt_of_text(std::string text);

}  // namespace consultd::audit
