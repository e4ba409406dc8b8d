// A look at a server's certificate: one TLS handshake as our connections make it, and nothing sent.
#pragma once

#include <string>

#include "fhir/base/clock.h"
#include "fhir/client/http.h"

namespace consultd::fhir {

struct CertificateSeen {
    Instant not_after;
};

// NotFound: the name has no address. Unavailable: no connection. Malformed: one, and no TLS on it.
// Forbidden, with the detail `tls`, as HttpTransport has it: it does not prove that name, or the
// two do not agree.
Result<CertificateSeen> look_at_certificate(const std::string& host, std::uint16_t port,
                                            const HttpOptions& options);

}  // namespace consultd::fhir
