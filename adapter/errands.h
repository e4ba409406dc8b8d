// Errands: what is still to be said to a source when nothing more is read from it: that it may
// forget the export that it made for us. Sealed, and kept beyond the transfer's end until the
// source has heard it, or has forgotten the export by itself. Asks nobody; writes nothing.
// https://hl7.org/fhir/uv/bulkdata/STU3/export.html#bulk-data-delete-request
#pragma once

#include <string>

#include "adapter/store/store.h"
#include "fhir/base/crypto.h"
#include "fhir/url.h"

namespace consultd {

struct ExportLeft {
    fhir::Url status;
    Instant begun;
    // By then a source has forgotten it, whoever was told or not.
    bool is_forgotten(Instant now) const { return now - begun > std::chrono::hours(24 * 7); }
};

// Tells nothing of it.
std::string errand_name(const crypto::Sealer& sealer, const fhir::Url& status);
Errand errand_of(const crypto::Sealer& sealer, const std::string& transfer, const ExportLeft& left);
// Corrupt: what is kept does not open.
Result<ExportLeft> export_left(const crypto::Sealer& sealer, const Errand& errand);

}  // namespace consultd
