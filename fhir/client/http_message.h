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

// Of an answer whose body went by, and had `body_bytes` on the wire: what read_response() says of
// the framing.
Status check_framing(std::string_view method, const HttpResponse& response,
                     std::uint64_t body_bytes);
// Which decoding a body needs: "" none, "gzip". Malformed: another.
Result<std::string_view> coding_of(const HttpResponse& response);

// Puts an answer together: `response` has status and headers, `raw` is the body as it came. The
// body is decompressed if it has to be. Malformed: a 1xx or impossible status, a Content-Length
// that is none, given twice, or not what came, one beside a Transfer-Encoding, a transfer coding
// other than chunked, a content coding other than gzip, a name or value with control characters.
// TooLarge: headers over the limits above, a body over the request's. Unavailable: gzip that is cut
// short or damaged. Where the status is no success, a body that cannot be decoded is left out.
Result<HttpResponse> read_response(const HttpRequest& request, HttpResponse response,
                                   std::string_view raw);

}  // namespace consultd::fhir
