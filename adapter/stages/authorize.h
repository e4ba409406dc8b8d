// authorize: makes the credentials for a source or destination from its config.
#pragma once

#include <memory>

#include "config/config.h"
#include "fhir/base/random.h"
#include "fhir/client/fhir_client.h"

namespace consultd {

// smart-backend does discovery on first use. Config: a key or secret that cannot be read. Unsupported:
// smart-patient, which needs the portal.
Result<std::unique_ptr<fhir::Credentials>> make_credentials(const config::Auth& auth,
                                                            const fhir::Url& fhir_base_url,
                                                            fhir::HttpTransport& transport, Clock& clock,
                                                            Random& random);

}  // namespace consultd
