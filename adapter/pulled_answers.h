// PulledAnswers: each answer of a source, sealed and durable before it is used, so that a pull goes
// on after a crash, a rate limit or an expired sign-in and asks for nothing twice. They go with the
// state that needs them: once a transfer is prepared, or has ended, there are none. One that is old
// is none either: the record is as of one day; only that an export was begun stays so. That it has
// to be ended is kept with it (errands.h).
#pragma once

#include <string>

#include "adapter/store/store.h"
#include "fhir/base/crypto.h"
#include "fhir/client/kept_answers.h"

namespace consultd {

class PulledAnswers final : public fhir::KeptAnswers {
public:
    // Written under the lease; the references outlive it.
    PulledAnswers(Store& store, const crypto::Sealer& sealer, Clock& clock, Lease lease)
        : store_(store), sealer_(sealer), clock_(clock), lease_(std::move(lease)) {}

    Result<std::optional<fhir::HttpResponse>> find(const fhir::HttpRequest& request) override;
    Status keep(const fhir::HttpRequest& request, const fhir::HttpResponse& answer) override;
    // How many were kept by this one that the transfer never had: that is progress. What is asked
    // for anew because it is old brings the record no nearer.
    std::uint64_t kept_new() const { return kept_new_; }

    static constexpr Milliseconds use_for = std::chrono::hours(24);

private:
    Status keep_begun(const fhir::HttpRequest& request, const fhir::HttpResponse& answer);
    std::string name_of(const fhir::HttpRequest& request) const;
    std::string context_of(const std::string& name) const;
    Store& store_;
    const crypto::Sealer& sealer_;
    Clock& clock_;
    const Lease lease_;
    std::uint64_t kept_new_ = 0;
};

}  // namespace consultd
