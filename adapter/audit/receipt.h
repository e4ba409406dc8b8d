// Receipt: the outcome's leaf, its inclusion proof and the signed checkpoint in one small JSON
// file, so that it proves what was sent, to whom and when with nothing but itself and our public
// key.
#pragma once

#include <string>
#include <string_view>

#include "adapter/audit/audit_log.h"
#include "fhir/json.h"

namespace consultd::audit {

// {"type":"consultd-receipt","version":1,"transfer":…,"leaf":"{…AuditEvent…}","index":n,
//  "proof":[base64…],"checkpoint":"…note…"}
// The leaf is the entry's exact text as a JSON string, not base64: it is a quarter smaller and a
// person can read it. About 4 KB: under it for twelve types of resources in a log of 100,000
// entries.
Result<fhir::Json> make_receipt(const AuditLog& log, std::uint64_t outcome_index,
                                const std::string& transfer_id);

struct ReceiptFacts {
    std::string transfer_id, destination_name, recorded, bundle_identifier, bundle_hash, outcome,
        way;
    std::string notice;               // of 42 CFR Part 2; empty: nothing of it was under that
    std::uint64_t notice_covers = 0;  // so many entries of the document
    std::uint64_t index = 0, size = 0;
};
// Malformed: no receipt. Corrupt: the signature, the proof or the bundle's hash does not verify, or
// the leaf is not this transfer's disclosure outcome.
// `bundle`: the bytes of bundle.json, to be compared with the hash in the leaf. A default-made view
// (without an address): not given; a view of an empty file is compared as what it is.
Result<ReceiptFacts> verify_receipt(std::string_view receipt, const Verifier& verifier,
                                    std::string_view bundle);

}  // namespace consultd::audit
