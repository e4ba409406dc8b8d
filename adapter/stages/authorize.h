// authorize: makes the credentials for a source or destination from its config.
#pragma once

#include <memory>
#include <optional>

#include "config/config.h"
#include "fhir/base/crypto.h"
#include "fhir/base/random.h"
#include "fhir/base/secret.h"
#include "fhir/client/fhir_client.h"

namespace consultd {

// The key of a smart-backend. Config: it cannot be read, or does not fit the algorithm.
Result<crypto::Key> read_client_key(const config::Auth& auth);
// The Authorization header of bearer and basic; absent for the others. Config: it cannot be read,
// or holds what no header may: a line break or a space in a token (RFC 6750 §2.1), a colon in a
// user's name (RFC 7617 §2).
Result<std::optional<Secret>> fixed_authorization(const config::Auth& auth);

// smart-backend does discovery on first use. Config: a key or secret that cannot be read.
// Unsupported: smart-patient, which needs the portal.
Result<std::unique_ptr<fhir::Credentials>> make_credentials(const config::Auth& auth,
                                                            const fhir::Url& fhir_base_url,
                                                            fhir::HttpTransport& transport,
                                                            Clock& clock, Random& random);

}  // namespace consultd
