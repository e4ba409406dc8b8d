// HTTP messages: which requests are fit to be sent, and which answers were framed in a way that two
// readers could understand differently. Pure; knows no library.
// https://www.rfc-editor.org/rfc/rfc9110#section-5,
// https://www.rfc-editor.org/rfc/rfc9112#section-6
#pragma once

#include <cstddef>

#include "fhir/base/result.h"
#include "fhir/client/http.h"

namespace consultd::fhir {

constexpr std::size_t header_count_max = 256;
constexpr std::size_t header_bytes_max = std::size_t{64} << 10;

// Malformed: a method or header that is not fit for the wire, or a header that is the transport's
// own.
Status check_request(const HttpRequest& request);

// `body_bytes`: how many came, before decompression. Malformed: a 1xx or impossible status, a
// Content-Length that is none, given twice, or not what came, one beside a Transfer-Encoding, a
// transfer coding other than chunked, a name or value with control characters. TooLarge: headers
// over the limits above.
Status check_response(std::string_view method, const HttpResponse& response,
                      std::size_t body_bytes);

}  // namespace consultd::fhir
