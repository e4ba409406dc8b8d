// PatientAccess: the credential of one transfer at its source, where that is the patient's own
// sign-in: the tokens that are kept with the transfer, sealed. What a refresh gives is durable
// before it is used, because the old token may be worth nothing by then. Opens what is kept at the
// first request; other transfers and other sources have nothing of it.
// https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#step-7-app-uses-a-refresh-token-to-obtain-a-new-access-token
#pragma once

#include <mutex>
#include <optional>

#include "adapter/peers.h"
#include "adapter/store/store.h"
#include "fhir/base/crypto.h"
#include "fhir/client/smart_standalone.h"

namespace consultd {

class PatientAccess final : public fhir::Credentials {
public:
    // What is kept is written under the lease, as it stands then. The references outlive it.
    PatientAccess(Peer* source, Store& store, const crypto::Sealer& sealer, Clock& clock,
                  const Lease& lease)
        : source_(source), store_(store), sealer_(sealer), clock_(clock), lease_(lease) {}

    // Unauthorized: there is no sign-in, or it is over: only the patient can go on.
    Result<std::optional<std::string>> authorization(const fhir::Url& url, Deadline deadline,
                                                     std::stop_token stop) override;
    void refused(std::string_view authorization) override;
    // Of the sign-in. Errors as authorization().
    Result<std::optional<std::string>> granted_scope(Deadline deadline,
                                                     std::stop_token stop) override;

private:
    Status open();
    Status renew(Deadline deadline, std::stop_token stop);

    Peer* const source_;
    Store& store_;
    const crypto::Sealer& sealer_;
    Clock& clock_;
    const Lease& lease_;
    std::mutex mutex_;  // guards what follows
    std::optional<fhir::PatientTokens> tokens_;
};

}  // namespace consultd
