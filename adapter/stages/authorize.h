// authorize: makes the credentials for a source or destination from its config.
#pragma once

#include <memory>
#include <optional>

#include "config/config.h"
#include "fhir/base/crypto.h"
#include "fhir/base/random.h"
#include "fhir/base/secret.h"
#include "fhir/client/fhir_client.h"
#include "fhir/client/smart_standalone.h"

namespace consultd {

// The key of a smart-backend, or of a smart-patient that has one. Config: it cannot be read, or
// does not fit the algorithm.
Result<crypto::Key> read_client_key(const config::Auth& auth);
// The Authorization header of bearer and basic; absent for the others. Config: it cannot be read,
// or holds what no header may: a line break or a space in a token (RFC 6750 §2.1), a colon in a
// user's name (RFC 7617 §2).
Result<std::optional<Secret>> fixed_authorization(const config::Auth& auth);

// How a smart-patient is known at its source. Config: its key or secret cannot be read.
Result<fhir::SmartClient> read_smart_client(const config::Auth& auth);

// smart-backend does discovery on first use. smart-patient: of the institution itself there is
// none; each transfer has its patient's. Config: a key or secret that cannot be read.
Result<std::unique_ptr<fhir::Credentials>> make_credentials(const config::Auth& auth,
                                                            const fhir::Url& fhir_base_url,
                                                            fhir::HttpTransport& transport,
                                                            Clock& clock, Random& random);

}  // namespace consultd
