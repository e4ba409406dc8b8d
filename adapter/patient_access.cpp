#include "adapter/patient_access.h"

#include "adapter/sealed_parts.h"

namespace consultd {

Status PatientAccess::open() {
    if (tokens_) return {};
    const std::string& id = lease_.transfer.id;
    TRY_ASSIGN(const std::optional<std::string> sealed, store_.part(id, Part::Access));
    const Error none(ErrorKind::Unauthorized, "the patient has not signed in");
    if (!sealed) return none;
    TRY_ASSIGN(std::string text, open_part(store_, sealer_, id, Part::Access));
    if (text.empty()) return none;  // it was ended
    TRY_ASSIGN(tokens_, fhir::patient_tokens(std::move(text)));
    return {};
}

Status PatientAccess::renew(Deadline deadline, std::stop_token stop) {
    TRY_ASSIGN(const fhir::SmartStandalone sign_in,
               source_->sign_in({.deadline = deadline, .stop = stop}));
    TRY_ASSIGN(fhir::PatientTokens next,
               source_->heard(sign_in.refresh(*tokens_, deadline, std::move(stop))));
    // If we die before this: the server has a newer token than we, and the next attempt is told
    // that the old one is over, unless the server bears it. After it: ours is the newest.
    TRY(store_.save(lease_, lease_.transfer,
                    {seal_part(sealer_, lease_.transfer.id, Part::Access, fhir::text_of(next))}));
    tokens_ = std::move(next);
    return {};
}

Result<std::optional<std::string>> PatientAccess::authorization(const fhir::Url& url,
                                                                Deadline deadline,
                                                                std::stop_token stop) {
    using Answer = std::optional<std::string>;
    if (source_ == nullptr || !url.same_origin(source_->base())) return Answer();
    const std::lock_guard lock(mutex_);
    TRY(open());
    if (clock_.now() >= tokens_->use_until) TRY(renew(deadline, std::move(stop)));
    return Answer("Bearer " + std::string(tokens_->access.reveal()));
}

Result<std::optional<std::string>> PatientAccess::granted_scope(Deadline deadline,
                                                                std::stop_token stop) {
    using Answer = std::optional<std::string>;
    if (source_ == nullptr) return Answer();
    TRY(authorization(source_->base(), deadline, std::move(stop)));
    const std::lock_guard lock(mutex_);
    return Answer(tokens_->scope);
}

void PatientAccess::refused(std::string_view authorization) {
    const std::lock_guard lock(mutex_);
    constexpr std::string_view bearer = "Bearer ";
    if (tokens_ && authorization.starts_with(bearer) &&
        tokens_->access.equals(authorization.substr(bearer.size())))
        tokens_->use_until = Instant{};
}

}  // namespace consultd
