// AuditEventApi: the audit log as institutions read it, below /fhir/AuditEvent: entries as they
// were signed, for those who may read all of it. https://hl7.org/fhir/R4/auditevent.html
#pragma once

#include <functional>

#include "adapter/web/audit_event_search.h"
#include "adapter/web/router.h"
#include "fhir/json.h"

namespace consultd::web {

// Shows each entry in its order to `visit` until that returns false; an error where the log does
// not verify.
using ReadAuditLog =
    std::function<Status(const std::function<bool(std::uint64_t, std::string_view)>& visit)>;

class AuditEventApi {
public:
    AuditEventApi(const config::Config& config, const crypto::Sealer& sealer, ReadAuditLog read)
        : config_(config), sealer_(sealer), read_(std::move(read)) {}
    // A count of 0 asks how many there are.
    ServerResponse search(const RoutedRequest& asked) const;

private:
    struct Page {
        std::vector<fhir::Json> events;
        std::optional<std::uint64_t> next;  // where the next page begins
        std::int64_t total = 0;             // of those looked at
    };
    Result<Page> find(const AuditEventSearch& search) const;
    std::vector<std::string> pseudonyms_of(const std::string& patient) const;

    const config::Config& config_;
    const crypto::Sealer& sealer_;
    const ReadAuditLog read_;
};

}  // namespace consultd::web
