// Receipt: the outcome's leaf, its inclusion proof and the signed checkpoint in one small JSON file, so
// that it proves what was sent, to whom and when with nothing but itself and our public key.
#pragma once

#include <string>
#include <string_view>

#include "adapter/audit/audit_log.h"
#include "fhir/json.h"

namespace consultd::audit {

// {"type":"consultd-receipt","version":1,"transfer":…,"leaf":base64,"index":n,"proof":[base64…],
//  "checkpoint":"…note…"}
Result<fhir::Json> make_receipt(const AuditLog& log, std::uint64_t outcome_index,
                                const std::string& transfer_id);

struct ReceiptFacts {
    std::string transfer_id, destination_name, recorded, bundle_identifier, bundle_hash, outcome;
    std::uint64_t index = 0, size = 0;
};
// Malformed: no receipt. Corrupt: the signature, the proof or the bundle's hash does not verify.
// `bundle`: the bytes of bundle.json, to be compared with the hash in the leaf; empty view: not given.
Result<ReceiptFacts> verify_receipt(std::string_view receipt, const Verifier& verifier,
                                    std::string_view bundle);

}  // namespace consultd::audit
